import { stringifyTies } from "../../../core/ties.ts";
import { BEHIND } from "../../../core/transition.ts";
import type { NewJob } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { LiveKeys } from "./live-keys.ts";
import type { OrderedLanes } from "./ordered-lanes.ts";
import type { Parked } from "./parked.ts";
import type { Queued } from "./queued.ts";

/** Before a job's first attempt. */
const UNTRIED = { attempts: 0, failures: 0, losses: 0 } as const;

/** Writes the rows of jobs: once each, and never again. */
export class NewJobs {
  readonly #keys: LiveKeys;
  readonly #queued: Queued;
  readonly #parked: Parked;
  readonly #ordered: OrderedLanes;
  readonly #insert: Statement;
  readonly #insertWithOrigin: Statement;

  constructor(db: Database, keys: LiveKeys, queued: Queued, parked: Parked, ordered: OrderedLanes) {
    this.#keys = keys;
    this.#queued = queued;
    this.#parked = parked;
    this.#ordered = ordered;
    const columns = "id, task, lane, priority, options, payload, max_attempts, created_at, ties";
    this.#insert = db.prepare(`insert into jobs (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertWithOrigin = db.prepare(`
      insert into jobs (${columns}, tenant, event, bulk, trigger, scheduled_for, tags, meta)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /** The id of the live job that stands in for it, because it has its key. */
  standIn(job: NewJob): string | undefined {
    return job.ties?.key === undefined ? undefined : this.#keys.standIn(job);
  }

  /** Writes its row and takes its key, which no other job may have. Returns its handle; the job still has to be leased or queued. */
  write(job: NewJob): number {
    const handle = this.#insertRow(job);
    if (job.ties?.key !== undefined) this.#keys.take(job.task, job.ties.key, handle);
    return handle;
  }

  /** Whether it has to stand in line, and now does: its lane is ordered, and not free. */
  standInLine(handle: number, job: NewJob, now: number): boolean {
    const { lane, runAt } = job;
    const place = job.ties?.ordered ? this.#ordered.enter(lane, handle) : undefined;
    if (place === undefined) return false;
    this.#parked.put(handle, job, UNTRIED, null, { status: "parked", reason: BEHIND, runAt, place }, now);
    return true;
  }

  queue(handle: number, job: NewJob, now: number): void {
    const { parked: reason, runAt } = job;
    if (reason === undefined) this.#queued.put(handle, job, UNTRIED, null, runAt, now);
    else this.#parked.put(handle, job, UNTRIED, null, { status: "parked", runAt, reason }, now);
  }

  /** Writes and queues a job that the store itself creates: a follow-up, or a schedule's job. False if another job stands in for it. */
  make(job: NewJob, now: number): boolean {
    if (this.standIn(job) !== undefined) return false;
    const handle = this.write(job);
    if (!this.standInLine(handle, job, now)) this.queue(handle, job, now);
    return true;
  }

  #insertRow(job: NewJob): number {
    const { id, task, lane, priority, options, payload, maxAttempts, createdAt, origin } = job;
    const ties = stringifyTies(job.ties);
    if (!origin) {
      return this.#insert.insert(id, task, lane, priority, options, payload, maxAttempts, createdAt, ties);
    }
    const {
      tenant = null,
      event = null,
      bulk = null,
      trigger = null,
      scheduledFor = null,
      meta = null,
    } = origin;
    const tags = origin.tags ? JSON.stringify(origin.tags) : null;
    return this.#insertWithOrigin.insert(
      id,
      task,
      lane,
      priority,
      options,
      payload,
      maxAttempts,
      createdAt,
      ties,
      tenant,
      event,
      bulk,
      trigger,
      scheduledFor,
      tags,
      meta,
    );
  }
}
