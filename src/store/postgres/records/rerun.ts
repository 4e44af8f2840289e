import { parseTies } from "../../../core/ties.ts";
import { afterRerun, canRerun } from "../../../core/transition.ts";
import type { Changed, RerunBatch, RerunFilter } from "../../job-records.ts";
import type { Call } from "../../shelves/tables/session.ts";
import type { Database } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import { adHoc, arrayOf, columnOf, statement } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import { findableUuid, jobIdOf, uuidOf } from "../job-id.ts";
import { jobState } from "../queue/job-state.ts";
import { enterLanes, lockLanes } from "../queue/ordered-lanes.ts";
import type { TiedJob, TiedJobs } from "../queue/tied-jobs.ts";
import { Filter, isDead } from "./filter.ts";
import { fits } from "./fitting.ts";

// one of two that rerun a job at once waits here, and then finds that it is queued
const LOCK_ENDED = statement<{ status: DeadStatus; attempts: number }>(`
  select status, attempts
  from posthorn.finished
  where job = $1 and status in ('failed', 'cancelled')
  for update`);

const REQUEUE = statement(`
  with ended as (
    delete from posthorn.finished
    where job = any ($1::uuid[])
    returning job, started_at
  )
  insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
  select j.priority + $6::int, (b.attempts > 0)::int, j.lane, b.run_at, j.id, b.attempts, b.failures, b.losses, e.started_at
  from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::bigint[]) as b (job, attempts, failures, losses, run_at)
  join ended e on e.job = b.job
  join posthorn.jobs j on j.id = b.job`);

const RUN_NOW = statement<{ job: string }>(`
  with waiting as (
    delete from posthorn.scheduled
    where job = any ($1::uuid[])
    returning *
  )
  insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
  select priority, (attempts > 0)::int, lane, $2::bigint, job, attempts, failures, losses, started_at
  from waiting
  returning job`);

// in the order of the jobs: two that meet wait for each other in turn, and what an ordered lane gets keeps its order
const LOCK_DEAD = statement<DeadRow & { status: DeadStatus }>(`
  select f.job, f.status, f.attempts, j.task, j.lane, j.ties
  from unnest($1::uuid[]) with ordinality as g (job, n)
  join posthorn.finished f on f.job = g.job
  join posthorn.jobs j on j.id = g.job
  where f.status in ('failed', 'cancelled') and j.bulk is distinct from $2::text
  order by g.n
  for update of f skip locked`);

type DeadStatus = "failed" | "cancelled";

interface DeadRow {
  readonly job: string;
  readonly task: string;
  readonly lane: string;
  readonly ties: string | null;
  readonly attempts: number;
}

interface EndedJob extends TiedJob {
  readonly attempts: number;
  readonly status: DeadStatus;
}

/** So many jobs are looked at for one batch. */
const ROWS_OF_BATCH = 10_000;

/** Queues jobs again by hand, and lets those that wait for later begin now. */
export class RerunByHand {
  readonly #db: Database;
  readonly #session: ShelfSession;
  readonly #tied: TiedJobs;

  constructor(db: Database, tied: TiedJobs, session: ShelfSession) {
    this.#session = session;
    this.#db = db;
    this.#tied = tied;
  }

  async rerun(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    return this.#db.write(async (transaction) => {
      const [ended] = await transaction.run(LOCK_ENDED, uuid);
      const job = await jobState(transaction, uuid);
      if (!job) return undefined;
      const { status: from } = job;
      if (!ended || !canRerun(from)) return { from, changed: false };
      const keyHolder = await this.#tied.takeKey(transaction, job);
      if (keyHolder !== undefined) return { from, changed: false, keyHolder };
      await this.#requeue(transaction, [{ ...job, ...ended }], now);
      if (audit) await this.#session.run(transaction, audit);
      return { from, changed: true };
    });
  }

  async runNow(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    return this.#db.write(async (transaction) => {
      const [due] = await this.makeDue(transaction, [uuid], now);
      if (due !== undefined) {
        if (audit) await this.#session.run(transaction, audit);
        return { from: "queued", changed: true };
      }
      const job = await jobState(transaction, uuid);
      return job && { from: job.status, changed: false };
    });
  }

  rerunMany(filter: RerunFilter, limit: number, now: number): Promise<RerunBatch> {
    return this.#db.write(async (transaction) => {
      const { rows, last } = await this.#toRerun(transaction, filter, limit);
      const free: EndedJob[] = [];
      for (const { job, task, lane, ties, attempts } of rows) {
        const tied = { id: jobIdOf(job), task, lane, ties: parseTies(ties), attempts, status: filter.status };
        if ((await this.#tied.takeKey(transaction, tied)) === undefined) free.push(tied);
      }
      if (free.length > 0) await this.#requeue(transaction, free, now);
      return { rerun: free.length, last: last === undefined ? null : jobIdOf(last) };
    });
  }

  /** How many were queued for later of these, which are due now. */
  async makeDue(transaction: Transaction, uuids: readonly string[], now: number): Promise<string[]> {
    const due = await transaction.run(RUN_NOW, arrayOf(uuids), now);
    if (due.length > 0) transaction.tell("work");
    return due.map(({ job }) => jobIdOf(job));
  }

  /** Those of these that are dead and that the bulk run has not queued again, as it does now; those whose keys others have are not. */
  async requeueFor(
    transaction: Transaction,
    uuids: readonly string[],
    bulk: string,
    now: number,
  ): Promise<{ again: string[]; keyHeld: string[] }> {
    if (uuids.length === 0) return { again: [], keyHeld: [] };
    const rows = await transaction.run(LOCK_DEAD, arrayOf(uuids), bulk);
    const free: EndedJob[] = [];
    const keyHeld: string[] = [];
    for (const { job, task, lane, ties, attempts, status } of rows) {
      const tied = { id: jobIdOf(job), task, lane, ties: parseTies(ties), attempts, status };
      if ((await this.#tied.takeKey(transaction, tied)) === undefined) free.push(tied);
      else keyHeld.push(tied.id);
    }
    if (free.length > 0) await this.#requeue(transaction, free, now, 1);
    return { again: free.map(({ id }) => id), keyHeld };
  }

  /** @param later by how much they give way to others of their priorities. */
  async #requeue(transaction: Transaction, jobs: readonly EndedJob[], now: number, later = 0): Promise<void> {
    transaction.tell("work");
    const back = jobs.map((job) => afterRerun(job, now));
    void lockLanes(transaction, jobs);
    await transaction.run(
      REQUEUE,
      columnOf(jobs, ({ id }) => uuidOf(id)),
      columnOf(back, ({ attempts }) => attempts),
      columnOf(back, ({ failures }) => failures),
      columnOf(back, ({ losses }) => losses),
      columnOf(back, ({ next }) => next.runAt),
      later,
    );
    void enterLanes(transaction, jobs, now);
    // in the order of the groups, see there
    const grouped = jobs.filter(({ ties }) => ties?.groupId !== undefined);
    grouped.sort((a, b) => ((a.ties?.groupId ?? "") < (b.ties?.groupId ?? "") ? -1 : 1));
    for (const job of grouped) await this.#tied.cameBack(transaction, job, job.status);
  }

  /** And where to go on, where something may be left. */
  async #toRerun(
    transaction: Transaction,
    wanted: RerunFilter,
    limit: number,
  ): Promise<{ rows: DeadRow[]; last: string | undefined }> {
    const { task, lane, finishedBefore } = wanted;
    const order = `order by ${lane === undefined ? "" : "f.lane, "}f.job`;
    const span = within(new Filter(), wanted, undefined);
    const bound = `select f.job from posthorn.finished f ${span.text} ${order} limit 1 offset ${ROWS_OF_BATCH - 1}`;
    const [end] = await transaction.run(adHoc<{ job: string }>(bound), ...span.values);
    const bounded = within(new Filter(), wanted, end?.job).where("f.finished_at < ?::bigint", finishedBefore);
    const { createdFrom, createdBefore } = wanted;
    const filter = fits(
      bounded,
      "j",
      "j.id",
      {
        tasks: [task],
        ...(createdFrom !== undefined && { createdFrom }),
        ...(createdBefore !== undefined && { createdBefore }),
      },
      [],
    );
    const text = `
      select f.job, f.attempts, j.task, j.lane, j.ties
      from posthorn.finished f
      cross join lateral (select * from posthorn.jobs j where j.id = f.job limit 1) j
      ${filter.text}
      ${order}
      limit ${Math.floor(limit)}
      for update of f skip locked`;
    const rows = await transaction.run(adHoc<DeadRow>(text), ...filter.values);
    return { rows, last: rows.length < limit ? end?.job : rows.at(-1)?.job };
  }
}

function within(
  filter: Filter,
  { status, lane, after, ...span }: RerunFilter,
  upTo: string | undefined,
): Filter {
  filter.where(isDead("f.status", status));
  const from = after === undefined ? undefined : uuidOf(after);
  if (lane !== undefined) filter.ofLane("f.lane", "f.lane", "f.job", lane, { after: from, upTo });
  else {
    if (from !== undefined) filter.where("f.job > ?::uuid", from);
    if (upTo !== undefined) filter.where("f.job <= ?::uuid", upTo);
  }
  return filter.createdAbout("f.job", span);
}
