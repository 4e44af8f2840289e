import type { Attempt, AttemptOutcome, Job, JobStatus } from "../../../core/job.ts";
import { parseOrigin } from "../../../core/origin.ts";
import type { AttemptEvidence } from "../../../core/outcome.ts";
import { parseTies } from "../../../core/ties.ts";
import type { AttemptPage, JobFilter, JobRecords, Page } from "../../job-records.ts";
import type { Database, Statement } from "../driver/database.ts";
import { ORIGIN } from "../queue/origin.ts";
import { hashOf, type LaneJobs } from "./lane-jobs.ts";
import { isDead, Query } from "./query.ts";

interface JobRow
  extends Omit<
    Job,
    "maxAttempts" | "createdAt" | "startedAt" | "finishedAt" | "runAt" | "progress" | "ties" | "origin"
  > {
  readonly key: number;
  readonly max_attempts: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly run_at: number | null;
  readonly progress: number | null;
  readonly progress_note: string | null;
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

/** A job's status is the table that it stands in. */
const SELECT_JOB = `
  select j.seq as key, j.id, j.task, j.lane, j.max_attempts, j.options, j.created_at, j.ties,
    ${ORIGIN}, f.finished_at, f.result,
    l.progress, l.progress_note,
    coalesce(f.status, iif(l.job is null, 'queued', 'running')) as status,
    coalesce(f.attempts, l.attempts, r.attempts, s.attempts, 0) as attempts,
    coalesce(f.started_at, l.started_at, r.started_at, s.started_at) as started_at,
    coalesce(r.due_at, s.run_at) as run_at,
    iif(f.job is null, (select a.error from attempts a where a.job = j.seq order by a.n desc limit 1), f.error) as error
  from jobs j
  left join finished f on f.job = j.seq
  left join leases l on l.job = j.seq
  left join ready r on r.job = j.seq
  left join scheduled s on s.job = j.seq`;

/** Where to walk jobs in the order of their keys, stepping over few that are not wanted. */
interface Place {
  readonly from: string;
  readonly key: string;
  readonly only?: string;
}

const IS_SUCCEEDED = "f.status = 'succeeded'";

const BY_STATUS: Readonly<Record<JobStatus | "any", readonly Place[]>> = {
  any: [{ from: "jobs j", key: "j.seq" }],
  queued: [
    { from: "ready q cross join jobs j on j.seq = q.job", key: "q.job" },
    { from: "scheduled q cross join jobs j on j.seq = q.job", key: "q.job" },
  ],
  running: [{ from: "leases q cross join jobs j on j.seq = q.job", key: "q.job" }],
  succeeded: [{ from: "jobs j cross join finished f on f.job = j.seq", key: "j.seq", only: IS_SUCCEEDED }],
  failed: [deadPlace("failed")],
  cancelled: [deadPlace("cancelled")],
};

function deadPlace(status: "failed" | "cancelled"): Place {
  return {
    from: "finished q cross join jobs j on j.seq = q.job",
    key: "q.job",
    only: isDead("q.status", status),
  };
}

/** Those of one lane, where the tables above would step over other lanes': what is indexed by lane, and what is too new to be. */
const BY_LANE: Readonly<Partial<Record<JobStatus | "any", { indexed: Place; new: Place }>>> = {
  any: {
    indexed: { from: "lane_jobs x cross join jobs j on j.seq = x.job", key: "x.job" },
    new: { from: "jobs j", key: "j.seq" },
  },
  succeeded: {
    indexed: {
      from: "lane_jobs x cross join jobs j on j.seq = x.job cross join finished f on f.job = x.job",
      key: "x.job",
      only: IS_SUCCEEDED,
    },
    new: { from: "jobs j cross join finished f on f.job = j.seq", key: "j.seq", only: IS_SUCCEEDED },
  },
};

/** Jobs and attempts as they are looked up. */
export class Records implements JobRecords {
  readonly #db: Database;
  readonly #query: Query;
  readonly #laneJobs: LaneJobs;
  readonly #byId: Statement<JobRow>;
  readonly #byKey: Statement<JobRow>;
  readonly #attempts: Statement<AttemptRow>;
  readonly #keyBound: Statement<{ key: number }>;

  constructor(db: Database, laneJobs: LaneJobs) {
    this.#db = db;
    this.#laneJobs = laneJobs;
    this.#query = new Query(db);
    this.#byId = db.prepare(`${SELECT_JOB} where j.id = ?`);
    this.#byKey = db.prepare(`${SELECT_JOB} where j.seq = ?`);
    this.#attempts = db.prepare(`
      with wanted (job, n) as (select seq, ?2 from jobs where id = ?1)
      select a.n, a.outcome, a.started_at, a.duration_ms, a.error, a.code, a.class, a.excerpt,
        a.fingerprint, a.detail
      from wanted w cross join attempts a on a.job = w.job and a.n < w.n
      union all
      select f.attempts, f.status, f.began_at, f.duration_ms, null, f.code, f.class, f.excerpt, null, null
      from wanted w cross join finished f on f.job = w.job and f.status = 'succeeded' and f.attempts < w.n
      order by 1 desc
      limit ?3`);
    // where a page stopped: at that job, or, when it has been pruned since, after the next older one
    this.#keyBound = db.prepare(`
      select iif(id = ?1, seq, seq + 1) as key from jobs where id <= ?1 order by id desc limit 1`);
  }

  get(jobId: string): Promise<Job | undefined> {
    return this.#db.read(() => {
      const row = this.#byId.get(jobId);
      return row && toJob(row);
    });
  }

  list(filter: JobFilter, page: Page): Promise<Job[]> {
    return this.#db.read(() =>
      this.#keys(filter, page)
        .sort((a, b) => b - a)
        .slice(0, page.limit)
        .flatMap((key) => this.#byKey.get(key) ?? [])
        .map(toJob),
    );
  }

  attempts(jobId: string, page: AttemptPage): Promise<Attempt[]> {
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    return this.#db.read(() => this.#attempts.all(jobId, before, page.limit).map(toAttempt));
  }

  /** In the caller's transaction. */
  find(jobId: string): { key: number; status: JobStatus } | undefined {
    return this.#byId.get(jobId);
  }

  #keys(filter: JobFilter, page: Page): number[] {
    const { lane, status = "any" } = filter;
    const byLane = BY_LANE[status];
    if (lane === undefined || !byLane) {
      return BY_STATUS[status].flatMap((place) =>
        this.#keysAt(place, this.#query.from(place.from), filter, page),
      );
    }
    const indexed = this.#query.from(byLane.indexed.from).where("x.lane_hash = ?", hashOf(lane));
    const fresh = this.#query.from(byLane.new.from).where("j.seq > ?", this.#laneJobs.upto);
    return [
      ...this.#keysAt(byLane.indexed, indexed, filter, page),
      ...this.#keysAt(byLane.new, fresh, filter, page),
    ];
  }

  #keysAt({ key, only }: Place, query: Query, filter: JobFilter, page: Page): number[] {
    if (only) query.where(only);
    if (page.before !== undefined) query.where(`${key} < ?`, this.#keyBound.get(page.before)?.key ?? 0);
    if (filter.lane !== undefined) query.where(key === "q.job" ? "q.lane = ?" : "j.lane = ?", filter.lane);
    if (filter.tasks) query.where(`j.task in (${filter.tasks.map(() => "?").join(", ")})`, ...filter.tasks);
    return query.createdBetween(key, filter).keys(key, "desc", page.limit);
  }
}

function toJob(row: JobRow): Job {
  return {
    id: row.id,
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
    progress: row.progress === null ? null : { fraction: row.progress, note: row.progress_note },
    ties: parseTies(row.ties),
    origin: parseOrigin(row.origin),
  };
}

function toAttempt(row: AttemptRow): Attempt {
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
