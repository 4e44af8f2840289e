import type { Attempt, AttemptOutcome, Job, JobStatus } from "../../../core/job.ts";
import type { AttemptEvidence } from "../../../core/outcome.ts";
import { parseTies } from "../../../core/ties.ts";
import type { AttemptPage, JobFilter, JobRecords, Page } from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { adHoc, statement } from "../driver/statement.ts";
import { findableUuid, jobIdOf } from "../job-id.ts";
import { ORIGIN, originOf } from "../queue/origin.ts";
import { FIRST_UUID, Filter, isDead } from "./filter.ts";

interface JobRow {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly options: string;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly run_at: number | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly fraction: number | null;
  readonly note: string | null;
  readonly ties: string | null;
  readonly origin: string | null;
}

interface AttemptRow extends AttemptEvidence {
  readonly n: number;
  readonly outcome: AttemptOutcome;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly error: string | null;
}

/**
 * A job's status is the table that it stands in. The joins are lateral, with a limit, so that each row is looked up by its
 * key whatever the planner thinks of the tables.
 */
const SELECT_JOB = `
  select j.id, j.task, j.lane, j.max_attempts, j.options, j.created_at, j.ties, ${ORIGIN}, f.finished_at, f.result, l.fraction, l.note,
    coalesce(f.status, case when l.job is null then 'queued' else 'running' end) as status,
    coalesce(f.attempts, l.attempts, r.attempts, s.attempts, 0) as attempts,
    coalesce(f.started_at, l.started_at, r.started_at, s.started_at) as started_at,
    coalesce(r.due_at, s.run_at) as run_at,
    case
      when f.job is null then (select a.error from posthorn.attempts a where a.job = j.id order by a.n desc limit 1)
      else f.error
    end as error
  from page p
  cross join lateral (select * from posthorn.jobs where id = p.id limit 1) j
  left join lateral (select * from posthorn.finished where job = p.id limit 1) f on true
  left join lateral (select * from posthorn.leases where job = p.id limit 1) l on true
  left join lateral (select * from posthorn.ready where job = p.id limit 1) r on true
  left join lateral (select * from posthorn.scheduled where job = p.id limit 1) s on true`;

const GET = statement<JobRow>(`with page (id) as (select $1::uuid) ${SELECT_JOB}`);

const ATTEMPTS = statement<AttemptRow>(`
  select n, outcome, started_at, duration_ms, error, code, class, excerpt, fingerprint, detail
  from posthorn.attempts
  where job = $1 and n < $2::bigint
  union all
  select attempts, status, began_at, duration_ms, null, code, class, excerpt, null, null
  from posthorn.finished
  where job = $1 and status = 'succeeded' and attempts < $2::bigint
  order by n desc
  limit $3::int`);

/** Where to walk jobs in the order of their ids, stepping over few that are not wanted. */
interface Place {
  readonly from: string;
  readonly job: string;
  readonly only?: string;
  readonly lane: string;
  /** What an index holds of the lane, before the job. */
  readonly laneKey?: string;
}

const WITH_JOB = "cross join lateral (select * from posthorn.jobs j where j.id = q.job limit 1) j";

const BY_STATUS: Readonly<Record<JobStatus | "any", readonly Place[]>> = {
  any: [{ from: "posthorn.jobs j", job: "j.id", lane: "j.lane" }],
  queued: [
    { from: `posthorn.ready q ${WITH_JOB}`, job: "q.job", lane: "q.lane" },
    { from: `posthorn.scheduled q ${WITH_JOB}`, job: "q.job", lane: "q.lane" },
  ],
  running: [{ from: `posthorn.leases q ${WITH_JOB}`, job: "q.job", lane: "q.lane" }],
  succeeded: [
    { from: `posthorn.finished q ${WITH_JOB}`, job: "q.job", lane: "j.lane", only: "q.status = 'succeeded'" },
  ],
  failed: [deadPlace("failed")],
  cancelled: [deadPlace("cancelled")],
};

function deadPlace(status: "failed" | "cancelled"): Place {
  const only = isDead("q.status", status);
  return { from: `posthorn.finished q ${WITH_JOB}`, job: "q.job", lane: "q.lane", only };
}

/** Those of one lane, where the tables above would step over other lanes'. */
const BY_LANE: Readonly<Partial<Record<JobStatus | "any", Place>>> = {
  any: { from: "posthorn.jobs j", job: "j.id", lane: "j.lane", laneKey: "hashtextextended(j.lane, 0)" },
  succeeded: {
    from: "posthorn.jobs j cross join lateral (select * from posthorn.finished f where f.job = j.id limit 1) f",
    job: "j.id",
    lane: "j.lane",
    laneKey: "hashtextextended(j.lane, 0)",
    only: "f.status = 'succeeded'",
  },
  failed: { ...deadPlace("failed"), laneKey: "q.lane" },
  cancelled: { ...deadPlace("cancelled"), laneKey: "q.lane" },
};

/** Jobs and attempts as they are looked up. */
export class Records implements JobRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get(jobId: string): Promise<Job | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    return (await this.#db.run(GET, uuid)).map((row) => this.#toJob(row))[0];
  }

  async list(filter: JobFilter, page: Page): Promise<Job[]> {
    const conditions = new Filter();
    const limit = Math.floor(page.limit);
    const keys = this.#places(filter).map((place) => `(${this.#keysAt(place, conditions, filter, page)})`);
    const text = `
      with page as materialized (
        select id from (${keys.join(" union all ")}) as found
        order by id desc
        limit ${limit}
      )
      ${SELECT_JOB}
      order by p.id desc`;
    const rows = await this.#db.run(adHoc<JobRow>(text), ...conditions.values);
    return rows.map((row) => this.#toJob(row));
  }

  async attempts(jobId: string, page: AttemptPage): Promise<Attempt[]> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return [];
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    return (await this.#db.run(ATTEMPTS, uuid, before, page.limit)).map((row) => this.#toAttempt(row));
  }

  #places(filter: JobFilter): readonly Place[] {
    const { lane } = filter;
    const status = filter.status ?? "any";
    const byLane = lane === undefined ? undefined : BY_LANE[status];
    return byLane ? [byLane] : BY_STATUS[status];
  }

  #keysAt(place: Place, values: Filter, filter: JobFilter, page: Page): string {
    const { from, job, only, laneKey } = place;
    const conditions = values.begin();
    const { lane } = filter;
    const before = page.before === undefined ? undefined : (findableUuid(page.before) ?? FIRST_UUID);
    if (only) conditions.where(only);
    if (lane !== undefined && laneKey !== place.lane) conditions.where(`${place.lane} = ?::text`, lane);
    if (lane !== undefined && laneKey) conditions.ofLane(laneKey, place.lane, job, lane, before);
    else if (before !== undefined) conditions.where(`${job} < ?::uuid`, before);
    conditions.of(job, filter);
    const order = laneKey ? `${laneKey} desc, ${job} desc` : `${job} desc`;
    return `select ${job} as id from ${from} ${conditions.text} order by ${order} limit ${Math.floor(page.limit)}`;
  }

  #toJob(row: JobRow): Job {
    return {
      id: jobIdOf(row.id),
      task: row.task,
      lane: row.lane,
      status: row.status,
      attempts: row.attempts,
      maxAttempts: row.max_attempts,
      options: row.options,
      createdAt: row.created_at,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      runAt: row.run_at,
      result: row.result,
      error: row.error,
      progress: row.fraction === null ? null : { fraction: row.fraction, note: row.note },
      ties: parseTies(row.ties),
      origin: originOf(row.origin),
    };
  }

  #toAttempt(row: AttemptRow): Attempt {
    return {
      n: row.n,
      outcome: row.outcome,
      startedAt: row.started_at,
      durationMs: row.duration_ms,
      error: row.error,
      code: row.code,
      class: row.class,
      excerpt: row.excerpt,
      fingerprint: row.fingerprint,
      detail: row.detail,
    };
  }
}
