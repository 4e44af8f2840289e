import { JobBusyError } from "../../../core/errors.ts";
import type { Tries } from "../../../core/job.ts";
import { expiryOf, parseTies } from "../../../core/ties.ts";
import { afterCancel, afterCancelOfRunning, EXPIRED } from "../../../core/transition.ts";
import type { JobChanges } from "../../bulk.ts";
import type { Changed } from "../../job-records.ts";
import { tenantOf } from "../../lane-order.ts";
import { MOST_PARKED_AT_ONCE as MOST_AT_ONCE } from "../../parking.ts";
import type { Call } from "../../shelves/tables/session.ts";
import type { Database } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import { arrayOf, columnOf, statement } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import { findableUuid, jobIdOf, uuidOf } from "../job-id.ts";
import { dayOf, firstUuidAt } from "../partitions/partition-bounds.ts";
import { endsOf, unclaimed } from "../queue/ends.ts";
import { jobState } from "../queue/job-state.ts";
import type { Leases } from "../queue/leases.ts";
import type { NewJobs } from "../queue/new-jobs.ts";
import { isOrdered, lockLane, lockLanes } from "../queue/ordered-lanes.ts";
import type { Settlements } from "../queue/settle.ts";
import type { End, TiedJob, TiedJobs } from "../queue/tied-jobs.ts";

/** Where only those are meant. */
const UNBEGUN = "and (not $6::boolean or failures + losses = 0)";

const CANCEL_QUEUED = statement<Tries & { job: string }>(`
  with given as materialized (
    select *
    from unnest($1::uuid[], $2::bigint[]) as g (job, expires_at)
  ),
  due as (
    delete from posthorn.ready where job = any ($1::uuid[]) ${UNBEGUN} returning job, lane, attempts, failures, losses, started_at
  ),
  later as (
    delete from posthorn.scheduled where job = any ($1::uuid[]) ${UNBEGUN} returning job, lane, attempts, failures, losses, started_at
  ),
  held as (
    delete from posthorn.parked where job = any ($1::uuid[]) ${UNBEGUN} returning job, lane, attempts, failures, losses, started_at
  ),
  queued as (select * from due union all select * from later union all select * from held),
  ended as (
    insert into posthorn.finished (job, status, lane, attempts, started_at, finished_at, ended_late, expires_at, error)
    select q.job, 'cancelled', q.lane, q.attempts, q.started_at, $3::bigint, q.job < $4::uuid, g.expires_at, $5::text
    from queued q
    join given g on g.job = q.job
  )
  select job, attempts, failures, losses
  from queued`);

const LONG_PARKED = statement<{ job: string }>(`
  select job
  from posthorn.parked
  where parked_at < $1::bigint
  order by parked_at
  limit $2::int`);

/** @param scheduled the part of `scheduled` that is looked through. */
function waitingIn(scheduled: string) {
  return statement<{ job: string }>(`
  with recursive levels (priority) as (
    (select priority from posthorn.ready order by priority limit 1)
    union all
    select (select r.priority from posthorn.ready r where r.priority > l.priority order by r.priority limit 1)
    from levels l
    where l.priority is not null
  )
  (select job from posthorn.parked where lane = $1::text and place is not null limit $2::int)
  union all
  (select job from posthorn.parked where lane = $1::text and place is null limit $2::int)
  union all
  (
    select r.job
    from levels l
    cross join (values (0::smallint), (1::smallint)) as turns (turn)
    cross join lateral (
      select r.job
      from posthorn.ready r
      where r.priority = l.priority and r.turn = turns.turn and r.lane = $1::text
      limit $2::int
    ) r
    limit $2::int
  )
  union all
  (select job from posthorn.scheduled where lane = $1::text ${scheduled} limit $2::int)
  limit $2::int`);
}

// there is no index of the scheduled jobs of other lanes
const WAITING = waitingIn("");
const WAITING_OF_TENANT = waitingIn("and lane >= 'app_' and lane < 'app`'");

const JOBS = statement<{ id: string; task: string; lane: string; ties: string | null }>(`
  select id, task, lane, ties
  from posthorn.jobs
  where id = any ($1::uuid[])`);

/** A job may be claimed, or come back, between the look and the change. */
const TRIES = 10;

export interface CancellationParts {
  readonly db: Database;
  readonly leases: Leases;
  readonly settlements: Settlements;
  readonly tied: TiedJobs;
  readonly newJobs: NewJobs;
  readonly session: ShelfSession;
}

/** Ends live jobs by hand. */
export class Cancellation {
  readonly #db: Database;
  readonly #session: ShelfSession;
  readonly #leases: Leases;
  readonly #settlements: Settlements;
  readonly #tied: TiedJobs;
  readonly #newJobs: NewJobs;

  constructor({ db, leases, settlements, tied, newJobs, session }: CancellationParts) {
    this.#session = session;
    this.#db = db;
    this.#leases = leases;
    this.#settlements = settlements;
    this.#tied = tied;
    this.#newJobs = newJobs;
  }

  async cancel(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    return this.#db.write(async (transaction) => {
      for (let tries = 1; tries <= TRIES; tries++) {
        const job = await jobState(transaction, uuid);
        if (!job) return undefined;
        const { status: from } = job;
        if (from !== "queued" && from !== "running") return { from, changed: false };
        void lockLanes(transaction, [job]);
        const ends =
          from === "queued"
            ? await this.#cancelQueued(transaction, [job], now)
            : await this.#cancelRunning(transaction, uuid, now);
        if (!ends) continue;
        await this.#follow(transaction, ends, now);
        if (audit) await this.#session.run(transaction, audit);
        return { from, changed: true };
      }
      throw new JobBusyError(jobId);
    });
  }

  async cancelWaiting(jobIds: readonly string[], reason: string, now: number): Promise<string[]> {
    const found = jobIds.flatMap((id) => findableUuid(id) ?? []).map((job) => ({ job }));
    return this.#db.write((transaction) => this.#cancelAll(transaction, found, reason, now));
  }

  async cancelLane(lane: string, reason: string, limit: number, now: number): Promise<string[]> {
    const waiting = tenantOf(lane) === undefined ? WAITING : WAITING_OF_TENANT;
    return this.#db.write(async (transaction) => {
      void lockLane(transaction, lane);
      const found = await transaction.run(waiting, lane, Math.min(limit, MOST_AT_ONCE));
      return this.#cancelAll(transaction, found, reason, now);
    });
  }

  async expireParked(parkedBefore: number, limit: number, now: number): Promise<string[]> {
    return this.#db.write(async (transaction) => {
      const found = await transaction.run(LONG_PARKED, parkedBefore, Math.min(limit, MOST_AT_ONCE));
      return this.#cancelAll(transaction, found, EXPIRED, now);
    });
  }

  /** Those of these that still lived; see `JobChanges`. */
  async cancelFor(
    transaction: Transaction,
    uuids: readonly string[],
    { reason, unbegunOnly }: Pick<NonNullable<JobChanges["cancel"]>, "reason" | "unbegunOnly">,
    now: number,
  ): Promise<string[]> {
    const jobs = await this.#tiedJobs(transaction, uuids);
    void lockLanes(transaction, jobs);
    const ends = (await this.#cancelQueued(transaction, jobs, now, reason, unbegunOnly)) ?? [];
    const cancelled = new Set(ends.map(({ job }) => job.id));
    const mayRun = unbegunOnly ? [] : jobs.filter(({ id }) => !cancelled.has(id));
    for (const { id } of mayRun) {
      const ended = await this.#cancelRunning(transaction, uuidOf(id), now);
      if (!ended) continue;
      cancelled.add(id);
      ends.push(...ended);
    }
    await this.#follow(transaction, ends, now);
    return [...cancelled];
  }

  async #tiedJobs(transaction: Transaction, uuids: readonly string[]): Promise<TiedJob[]> {
    const rows = await transaction.run(JOBS, arrayOf(uuids));
    return rows.map((row) => ({ ...row, id: jobIdOf(row.id), ties: parseTies(row.ties) }));
  }

  /** The ids of those that still waited. */
  async #cancelAll(
    transaction: Transaction,
    found: readonly { readonly job: string }[],
    reason: string,
    now: number,
  ): Promise<string[]> {
    if (found.length === 0) return [];
    const jobs = await this.#tiedJobs(
      transaction,
      found.map(({ job }) => job),
    );
    void lockLanes(transaction, jobs);
    const ends = (await this.#cancelQueued(transaction, jobs, now, reason)) ?? [];
    await this.#follow(transaction, ends, now);
    return ends.map(({ job }) => job.id);
  }

  /** What ends call for. */
  async #follow(transaction: Transaction, ends: readonly End[], now: number): Promise<void> {
    transaction.tell(ends.some(({ job }) => isOrdered(job)) ? "work" : "change");
    const followUps = await this.#tied.ended(transaction, ends, now);
    if (followUps.length === 0) return;
    transaction.tell("work");
    void this.#newJobs.insert(transaction, unclaimed(followUps), now);
  }

  /** Undefined when none of them is queued any more. */
  async #cancelQueued(
    transaction: Transaction,
    jobs: readonly TiedJob[],
    now: number,
    reason?: string,
    unbegunOnly = false,
  ): Promise<End[] | undefined> {
    const rows = await transaction.run(
      CANCEL_QUEUED,
      columnOf(jobs, ({ id }) => uuidOf(id)),
      columnOf(jobs, ({ ties }) => expiryOf(ties, now)),
      now,
      firstUuidAt(dayOf(now)),
      reason ?? null,
      unbegunOnly,
    );
    const byId = new Map(jobs.map((job) => [uuidOf(job.id), job]));
    const ends = rows.flatMap((row) => {
      const job = byId.get(row.job);
      return job ? [{ job, transition: afterCancel(row, reason) }] : [];
    });
    return ends.length > 0 ? ends : undefined;
  }

  /** Undefined when it runs no more. */
  async #cancelRunning(transaction: Transaction, uuid: string, now: number): Promise<End[] | undefined> {
    const lease = await this.#leases.ofJob(transaction, uuid);
    if (!lease) return undefined;
    const moves = [{ lease, transition: afterCancelOfRunning(lease, now) }];
    return endsOf(moves, await this.#settlements.move(transaction, moves, now));
  }
}
