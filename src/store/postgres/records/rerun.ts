import { parseTies } from "../../../core/ties.ts";
import { afterRerun, canRerun } from "../../../core/transition.ts";
import type { Changed, RerunBatch, RerunFilter } from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { adHoc, columnOf, statement } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import { findableUuid, jobIdOf, uuidOf } from "../job-id.ts";
import { jobState } from "../queue/job-state.ts";
import { enterLanes, lockLanes } from "../queue/ordered-lanes.ts";
import type { TiedJob, TiedJobs } from "../queue/tied-jobs.ts";
import { Filter, isDead } from "./filter.ts";

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
  select j.priority, (b.attempts > 0)::int, j.lane, b.run_at, j.id, b.attempts, b.failures, b.losses, e.started_at
  from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::bigint[]) as b (job, attempts, failures, losses, run_at)
  join ended e on e.job = b.job
  join posthorn.jobs j on j.id = b.job`);

const RUN_NOW = statement<{ job: string }>(`
  with waiting as (
    delete from posthorn.scheduled
    where job = $1
    returning *
  )
  insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
  select priority, (attempts > 0)::int, lane, $2::bigint, job, attempts, failures, losses, started_at
  from waiting
  returning job`);

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
}

/** So many jobs are looked at for one batch. */
const ROWS_OF_BATCH = 10_000;

/** Queues jobs again by hand, and lets those that wait for later begin now. */
export class RerunByHand {
  readonly #db: Database;
  readonly #tied: TiedJobs;

  constructor(db: Database, tied: TiedJobs) {
    this.#db = db;
    this.#tied = tied;
  }

  async rerun(jobId: string, now: number): Promise<Changed | undefined> {
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
      await this.#requeue(transaction, [{ ...job, attempts: ended.attempts }], ended.status, now);
      return { from, changed: true };
    });
  }

  async runNow(jobId: string, now: number): Promise<Changed | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    return this.#db.write(async (transaction) => {
      const [changed] = await transaction.run(RUN_NOW, uuid, now);
      if (changed) {
        transaction.tell("work");
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
        const tied = { id: jobIdOf(job), task, lane, ties: parseTies(ties), attempts };
        if ((await this.#tied.takeKey(transaction, tied)) === undefined) free.push(tied);
      }
      if (free.length > 0) await this.#requeue(transaction, free, filter.status, now);
      return { rerun: free.length, last: last === undefined ? null : jobIdOf(last) };
    });
  }

  async #requeue(
    transaction: Transaction,
    jobs: readonly EndedJob[],
    from: DeadStatus,
    now: number,
  ): Promise<void> {
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
    );
    void enterLanes(transaction, jobs, now);
    // in the order of the groups, see there
    const grouped = jobs.filter(({ ties }) => ties?.groupId !== undefined);
    grouped.sort((a, b) => ((a.ties?.groupId ?? "") < (b.ties?.groupId ?? "") ? -1 : 1));
    for (const job of grouped) await this.#tied.cameBack(transaction, job, from);
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
    const filter = within(new Filter(), wanted, end?.job)
      .where("f.finished_at < ?::bigint", finishedBefore)
      .fits("j", { ...wanted, tasks: [task] });
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
