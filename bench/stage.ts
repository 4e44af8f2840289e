import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Launched } from "./machine/launched.ts";
import { startPostgres } from "./services/postgres.ts";
import { startRedis } from "./services/redis.ts";
import type { Service, ServiceName } from "./services/service.ts";
import type { Place, System } from "./systems/system.ts";

const LOOK_EVERY_MS = 50;

/** Where one system is measured once: an empty folder, its database server, and its processes. All of it goes with `clear`. */
export class Stage {
  readonly place: Place;
  readonly service: Service | undefined;
  readonly #system: System;
  readonly #folder: string;
  #processes: Launched[] = [];

  private constructor(system: System, folder: string, service: Service | undefined, workers: number) {
    this.#system = system;
    this.#folder = folder;
    this.service = service;
    this.place = { folder, serviceUrl: service?.url ?? "", workers };
  }

  static async set(system: System, workers = 0): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "posthorn-bench-"));
    try {
      const service = system.service && (await startService(system.service, folder));
      return new Stage(system, folder, service, workers);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Starts the system; where it takes requests. */
  async startSystem(): Promise<string> {
    let url: string | undefined;
    for (const command of this.#system.commands(this.place)) {
      const launched = await Launched.start(command);
      this.#processes.push(launched);
      url ??= `${launched.found}/webhooks/deliver`;
    }
    // some print the address before they listen there
    if (url !== undefined) await this.whileItRuns(untilItListens(new URL(url)));
    if (url === undefined) throw new Error(`${this.#system.name} has no command`);
    return url;
  }

  /** The outcome of `work`, unless one of the processes ends first. */
  async whileItRuns<Result>(work: Promise<Result>): Promise<Result> {
    const broken = this.#processes.map(async (launched) => {
      throw new Error(await launched.ended());
    });
    return Promise.race([work, ...broken]);
  }

  get systemPids(): number[] {
    return this.#processes.map(({ pid }) => pid);
  }

  get servicePids(): number[] {
    return this.service ? [this.service.pid] : [];
  }

  /** The server first, so that nothing new is accepted while the workers finish. */
  async stopSystem(): Promise<void> {
    for (const launched of this.#processes.splice(0)) await launched.stop();
  }

  async clear(): Promise<void> {
    await this.stopSystem();
    await this.service?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function untilItListens({ hostname, port }: URL): Promise<void> {
  const accepts = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), hostname, () => resolve(true));
      socket.once("error", () => resolve(false)).once("close", () => socket.destroy());
      socket.end();
    });
  while (!(await accepts())) await sleep(LOOK_EVERY_MS);
}

function startService(name: ServiceName, folder: string): Promise<Service> {
  if (name === "postgres") return startPostgres(folder);
  return startRedis(folder, name === "redis" ? "everysec" : "always");
}
