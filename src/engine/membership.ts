import type { Clock } from "../core/clock.ts";
import { newId } from "../core/id.ts";
import type { Log } from "../observe/log.ts";
import type { Store, WorkerRecord } from "../store/store.ts";
import { Fleet } from "./fleet.ts";
import { isDead, MACHINE } from "./liveness.ts";

/** A worker says that it lives this often, and is dead when it has not for that long. */
export const HEARTBEAT_MS = 5_000;
export const DEAD_AFTER_MS = 30_000;

/** What a worker tells of itself. */
export type WorkerFacts = Pick<WorkerRecord, "concurrency" | "version" | "tasks">;

/** One worker among those of the store: who it is, that it lives, and which others do not. */
export class Membership {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #id = newId("wrk");
  readonly #startedAt: number;
  readonly #about: () => WorkerFacts;
  #fleet: Fleet = new Fleet(this.#id);

  constructor(store: Store, clock: Clock, log: Log, about: () => WorkerFacts) {
    this.#about = about;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#startedAt = clock.now();
  }

  get id(): string {
    return this.#id;
  }

  record(): WorkerRecord {
    return {
      id: this.#id,
      machine: MACHINE,
      pid: process.pid,
      startedAt: this.#startedAt,
      deadline: this.#clock.now() + DEAD_AFTER_MS,
      ...this.#about(),
    };
  }

  /** Those that lived when they were last looked at. */
  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Lets the others know of this worker. */
  announce(): Promise<void> {
    return this.#store.announce(this.record());
  }

  /** Extends this worker's leases. */
  async heartbeat(): Promise<void> {
    const known = await this.#store.heartbeat(this.#id, this.#clock.now() + DEAD_AFTER_MS);
    if (!known)
      this.#log.warn(
        { worker: this.#id },
        "this worker was declared dead while it could not run; its jobs were queued again",
      );
  }

  /** Queues the jobs of dead workers again. Their ids. */
  async reclaimFromDead(): Promise<string[]> {
    const jobs: string[] = [];
    const others: WorkerRecord[] = [];
    for (const worker of await this.#store.workers()) {
      if (worker.id === this.#id) continue;
      if (!isDead(worker, this.#clock.now())) {
        others.push(worker);
        continue;
      }
      const reclaimed = await this.#store.reclaim(worker, this.#clock.now());
      if (reclaimed.length > 0)
        this.#log.warn(
          { worker: worker.id, jobs: reclaimed.length },
          "worker died; its jobs are queued again",
        );
      jobs.push(...reclaimed);
    }
    this.#fleet = new Fleet(this.#id, others);
    return jobs;
  }
}
