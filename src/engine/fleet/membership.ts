import type { Clock } from "../../core/clock.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import type { Loss } from "../../core/transition.ts";
import type { Unsubscribe } from "../../observe/channel.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Store } from "../../store/store.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
import type { LostJob } from "../../store/worker-register.ts";
import type { Part } from "../part.ts";
import { tellOfFailure } from "../working/results.ts";
import { Fleet } from "./fleet.ts";
import { lossOf, MACHINE, workersHere } from "./liveness.ts";
import { recordVersion } from "./version-change.ts";

/** How often a worker sends a heartbeat, and after how long without one it counts as dead. */
export const HEARTBEAT_MS = 5_000;
export const DEAD_AFTER_MS = 30_000;

/**
 * A worker that could not check on the others for this long (the database was away, the machine slept) cannot tell whether they were silent
 * or just not heard. All of them then get time for three more heartbeats.
 */
const DEAF_AFTER_MS = DEAD_AFTER_MS / 2;
const PATIENCE_MS = 3 * HEARTBEAT_MS;

/** What a worker says about itself. */
export type WorkerFacts = Pick<WorkerRecord, "concurrency" | "version">;

/** This worker's membership in the fleet: registers it, keeps it alive, and finds workers that are dead. */
export class Membership implements Part {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #id = newId("wrk");
  readonly #startedAt: number;
  readonly #about: WorkerFacts;
  /** The names of the tasks it handles. */
  tasks: readonly string[] = [];
  #isDraining = false;
  #slotsHeld = 0;
  #subscribed: readonly Unsubscribe[] = [];
  #fleet: Fleet = new Fleet(this.#id);
  /** The time of the last check; at the start, nothing has been missed. */
  #lookedAt = Number.POSITIVE_INFINITY;
  #patientUntil = 0;

  constructor(store: Store, clock: Clock, instrument: Instrument, about: WorkerFacts) {
    this.#about = about;
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
    this.#startedAt = clock.now();
    workersHere.add(this.#id);
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
      tasks: this.#isDraining ? [] : this.tasks,
      slotsHeld: this.#slotsHeld,
      ...this.#about,
    };
  }

  /** Those that were alive at the last look. */
  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Lets the others know of this worker, and from then on how many of its slots are held. */
  async start(): Promise<void> {
    const heldNow = ({ held }: { readonly held: number }) => {
      this.#slotsHeld = held;
      void this.announce().catch(() => {}); // the next claim tells it too
    };
    this.#subscribed = [
      this.#instrument["slot.held"].subscribe(heldNow),
      this.#instrument["slot.freed"].subscribe(heldNow),
    ];
    await this.announce();
    await this.#recordVersion();
  }

  /** Lets the others know of this worker. */
  announce(): Promise<void> {
    return this.#store.workers.announce(this.record());
  }

  /**
   * This worker starts nothing more, so the others divide its share of the limits.
   * @param isIdle whether it runs nothing either, and will be gone in a moment.
   */
  async drain(isIdle: boolean): Promise<void> {
    this.#isDraining = true;
    if (this.#fleet.size > 1 || !isIdle) await this.announce().catch(() => {}); // they find out once it is gone
  }

  /** Extends this worker's leases. */
  async heartbeat(): Promise<void> {
    const known = await this.#store.workers.heartbeat(this.#id, this.#clock.now() + DEAD_AFTER_MS);
    if (!known) this.#instrument["worker.expelled"].publish({ workerId: this.#id });
  }

  /** Gives back its leases and leaves. If the database is away, the others will find it dead. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscribed) unsubscribe();
    workersHere.delete(this.#id);
    try {
      await this.#store.workers.retire(this.#id, this.#clock.now());
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.#instrument["step.failed"].publish({ step: "retire", error, about: { worker: this.#id } });
    }
  }

  async #recordVersion(): Promise<void> {
    try {
      await recordVersion(this.#store.audit, this.#clock, this.#about.version);
    } catch (error) {
      this.#instrument["step.failed"].publish({ step: "record version", error });
    }
  }

  /** Queues the jobs of dead workers again; returns their ids. */
  async reclaimFromDead(): Promise<LostJob[]> {
    const jobs: LostJob[] = [];
    const others: WorkerRecord[] = [];
    const workers = await this.#store.workers.list();
    this.#looked();
    for (const worker of workers) {
      if (worker.id === this.#id) continue;
      const now = this.#clock.now();
      const loss = await this.#lossOf(worker, now);
      if (loss === undefined) {
        others.push(worker);
        continue;
      }
      const reclaimed = await this.#store.workers.reclaim(worker, this.#clock.now(), loss);
      this.#tellOfLost(worker.id, reclaimed, loss);
      jobs.push(...reclaimed);
    }
    this.#follow(new Fleet(this.#id, others));
    return jobs;
  }

  async #lossOf(worker: WorkerRecord, now: number): Promise<Loss | undefined> {
    const loss = lossOf(worker, now);
    if (loss === "silent" && now < this.#patientUntil) return undefined;
    if (loss || worker.deadline >= now || now < this.#patientUntil) return loss;
    // it may only be blocked, but a worker without jobs loses nothing if it is forgotten until it claims again
    return (await this.#store.workers.leasesOf(worker.id)).size === 0 ? "silent" : undefined;
  }

  #tellOfLost(workerId: string, jobs: readonly LostJob[], loss: Loss): void {
    const { "worker.lost": workerLost, "attempt.lost": lost, "job.failed": failed } = this.#instrument;
    const jobIds = jobs.map(({ id }) => id);
    if (jobIds.length > 0) workerLost.publish({ workerId, jobIds, loss });
    for (const {
      id: jobId,
      task,
      lane,
      attempts,
      tenant,
      bulk: bulkId,
      attempt,
      failedWith: message,
    } of jobs) {
      if (lost.isHeard) lost.publish({ jobId, task, lane, workerId });
      tellOfFailure(this.#instrument, { jobId, task, lane, tenant }, attempt);
      if (message !== undefined)
        failed.publish({ jobId, task, lane, attempts, bulkId, message, error: new Error(message) });
    }
  }

  #follow(fleet: Fleet): void {
    const { "worker.joined": joined, "worker.left": left } = this.#instrument;
    for (const workerId of fleet.idsBeyond(this.#fleet)) joined.publish({ workerId });
    for (const workerId of this.#fleet.idsBeyond(fleet)) left.publish({ workerId });
    this.#fleet = fleet;
  }

  #looked(): void {
    const now = this.#clock.now();
    if (now - this.#lookedAt > DEAF_AFTER_MS) this.#patientUntil = now + PATIENCE_MS;
    this.#lookedAt = now;
  }
}
