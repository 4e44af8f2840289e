import type { TestContext } from "node:test";
import { Child } from "../../src/cli/test-kit/child.ts";
import { Server } from "../support/server.ts";

/** Shared by all processes of a fleet, as in production; without it, a key file would be made in the working directory. */
const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");

export interface FleetSize {
  readonly servers?: number;
  readonly workers?: number;
  /** For every process, or for the one of this place among the workers. */
  readonly env?: NodeJS.ProcessEnv;
  readonly envOfWorker?: (place: number) => NodeJS.ProcessEnv;
}

/** API servers and workers on one PostgreSQL, each a process of its own, started by the command line. */
export class Fleet {
  readonly servers: readonly Server[];
  readonly workers: readonly Child[];

  private constructor(servers: readonly Server[], workers: readonly Child[]) {
    this.servers = servers;
    this.workers = workers;
  }

  static async start(t: TestContext, database: string, size: FleetSize = {}): Promise<Fleet> {
    const env = { POSTHORN_DATABASE: database, POSTHORN_MASTER_KEY: MASTER_KEY, ...size.env };
    // the first makes the schema
    const first = await Server.startWith(t, env, "--no-worker");
    const others = Array.from({ length: (size.servers ?? 2) - 1 }, () =>
      Server.startWith(t, env, "--no-worker"),
    );
    const workers = Array.from({ length: size.workers ?? 3 }, (_, place) => {
      return startWorker(t, { ...env, ...size.envOfWorker?.(place) });
    });
    return new Fleet([first, ...(await Promise.all(others))], await Promise.all(workers));
  }

  /** All that any of them logged. */
  get log(): string {
    return [...this.servers.map(({ child }) => child), ...this.workers].map(({ stderr }) => stderr).join("");
  }

  /** Asks all that still run to stop, as at the end of a day, and gives how each ended. */
  stop(): Promise<unknown[]> {
    const all = [...this.servers.map(({ child }) => child), ...this.workers];
    const running = all.filter(({ process }) => process.exitCode === null && process.signalCode === null);
    for (const { process } of running) process.kill("SIGTERM");
    return Promise.all(running.map((child) => child.exit()));
  }
}

async function startWorker(t: TestContext, env: NodeJS.ProcessEnv): Promise<Child> {
  const child = new Child(t, ["worker", "--json", "--allow-targets", "127.0.0.1"], env);
  await child.shows("stdout", /"pid":/);
  return child;
}
