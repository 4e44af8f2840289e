import type { JobStatus } from "../../../core/job.ts";
import { afterCancel, afterCancelOfRunning, canCancel, EXPIRED } from "../../../core/transition.ts";
import type { Changed } from "../../job-records.ts";
import { tenantOf } from "../../lane-order.ts";
import { MOST_PARKED_AT_ONCE as MOST_AT_ONCE } from "../../parking.ts";
import type { Call } from "../../shelves/tables/session.ts";
import { FIRST_TURN, LATER_TURN } from "../../turns.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import { heldOf, type Leases } from "../queue/leases.ts";
import type { Live } from "../queue/queued.ts";
import type { Settlements } from "../queue/settle.ts";
import type { TiedJob, TiedJobs } from "../queue/tied-jobs.ts";
import type { Records } from "./records.ts";

export interface CancellationParts {
  readonly db: Database;
  readonly records: Records;
  readonly leases: Leases;
  readonly settlements: Settlements;
  readonly tied: TiedJobs;
  readonly session: ShelfSession;
}

/** Ends live jobs. */
export class Cancellation {
  readonly #db: Database;
  readonly #session: ShelfSession;
  readonly #records: Records;
  readonly #leases: Leases;
  readonly #settlements: Settlements;
  readonly #tied: TiedJobs;
  readonly #leaveReady: Statement<Live>;
  readonly #leaveScheduled: Statement<Live>;
  readonly #leaveParked: Statement<Live>;
  readonly #nextPriority: Statement<{ priority: number }>;
  readonly #readyOf: Statement<{ job: number }>;
  readonly #scheduledOf: Statement<{ job: number }>;
  readonly #scheduledOfTenants: Statement<{ job: number }>;
  readonly #held: Statement<{ job: number }>;
  readonly #behind: Statement<{ job: number }>;
  readonly #longParked: Statement<{ job: number }>;

  constructor({ db, records, leases, settlements, tied, session }: CancellationParts) {
    this.#session = session;
    this.#db = db;
    this.#records = records;
    this.#leases = leases;
    this.#settlements = settlements;
    this.#tied = tied;
    const live = "priority, lane, attempts, failures, losses, started_at";
    this.#leaveReady = db.prepare(`delete from ready where job = ? returning ${live}`);
    this.#leaveScheduled = db.prepare(`delete from scheduled where job = ? returning ${live}`);
    this.#leaveParked = db.prepare(`delete from parked where job = ? returning ${live}`);
    this.#nextPriority = db.prepare(
      "select priority from ready where priority > ? order by priority limit 1",
    );
    this.#readyOf = db.prepare(
      "select job from ready where priority = ? and turn = ? and lane = ? order by due_at, job limit ?",
    );
    this.#scheduledOf = db.prepare("select job from scheduled where lane = ? order by job limit ?");
    this.#scheduledOfTenants = db.prepare(`
      select job from scheduled
      where lane = ? and lane >= 'app_' and lane < 'app\`'
      order by job
      limit ?`);
    this.#held = db.prepare("select job from parked where lane = ? and place is null limit ?");
    this.#behind = db.prepare("select job from parked where lane = ? and place is not null limit ?");
    this.#longParked = db.prepare("select job from parked where parked_at < ? order by parked_at limit ?");
  }

  cancel(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined> {
    return this.#db.write(() => {
      const found = this.#records.find(jobId);
      if (!found) return undefined;
      this.cancelFound(found, now);
      const changed = canCancel(found.status);
      if (changed && audit) this.#session.run(audit);
      return { from: found.status, changed };
    });
  }

  /** In the caller's transaction, a live job. */
  cancelFound({ key, status }: { key: number; status: JobStatus }, now: number, reason?: string): void {
    const job = this.#tied.find(key);
    if (job && status === "running") this.#cancelRunning(job, now);
    if (status === "queued") this.#cancelWaiting(key, reason, now);
  }

  cancelWaiting(jobIds: readonly string[], reason: string, now: number): Promise<string[]> {
    return this.#db.write(() =>
      jobIds.flatMap((jobId) => {
        const found = this.#records.find(jobId);
        return found?.status === "queued" ? this.#cancelWaiting(found.key, reason, now) : [];
      }),
    );
  }

  cancelLane(lane: string, reason: string, limit: number, now: number): Promise<string[]> {
    return this.#db.write(() => {
      const cancelled: string[] = [];
      // those behind the head of an ordered lane first; otherwise each would become the head when the one before it is cancelled
      for (const find of this.#waitingIn(lane)) {
        const found = find(Math.min(limit, MOST_AT_ONCE) - cancelled.length);
        for (const { job } of found) cancelled.push(...this.#cancelWaiting(job, reason, now));
      }
      return cancelled;
    });
  }

  expireParked(parkedBefore: number, limit: number, now: number): Promise<string[]> {
    return this.#db.write(() =>
      this.#longParked
        .all(parkedBefore, Math.min(limit, MOST_AT_ONCE))
        .flatMap(({ job }) => this.#cancelWaiting(job, EXPIRED, now)),
    );
  }

  /** Where jobs of the lane may wait. */
  *#waitingIn(lane: string): Generator<(limit: number) => { job: number }[]> {
    yield (limit) => this.#behind.all(lane, limit);
    yield (limit) => this.#held.all(lane, limit);
    for (const { priority } of this.#priorities())
      for (const turn of [FIRST_TURN, LATER_TURN])
        yield (limit) => this.#readyOf.all(priority, turn, lane, limit);
    const scheduled = tenantOf(lane) === undefined ? this.#scheduledOf : this.#scheduledOfTenants;
    yield (limit) => scheduled.all(lane, limit);
  }

  *#priorities(): Generator<{ priority: number }> {
    let next = this.#nextPriority.get(Number.MIN_SAFE_INTEGER);
    for (; next; next = this.#nextPriority.get(next.priority)) yield next;
  }

  /** The id of the job, if it still waits. */
  #cancelWaiting(key: number, reason: string | undefined, now: number): string[] {
    const job = this.#tied.find(key);
    const live = this.#leaveQueued(key);
    if (!job || !live) return [];
    this.#settlements.write(job, live, live.started_at, afterCancel(live, reason), now);
    return [job.id];
  }

  #leaveQueued(key: number): Live | undefined {
    return this.#leaveReady.get(key) ?? this.#leaveScheduled.get(key) ?? this.#leaveParked.get(key);
  }

  #cancelRunning(job: TiedJob, now: number): void {
    const { handle } = job;
    const lease = this.#leases.ofJob(handle);
    if (!lease) return;
    this.#leases.end(handle, lease.token);
    const transition = afterCancelOfRunning(heldOf(lease), now);
    this.#settlements.write(job, lease, lease.started_at, transition, now);
  }
}
