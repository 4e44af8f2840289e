import { type AttemptPlace, isNamed, readAttemptId } from "../../../core/attempt-id.ts";
import { ERASED_EXCERPT } from "../../../core/outcome.ts";
import type {
  AttemptCounts,
  AttemptRecords,
  AttemptSlice,
  AttemptSpan,
  AttemptsPage,
  EndpointAttempt,
} from "../../attempt-records.ts";
import { type AttemptWalk, attemptOf, boundOf, labelsOf, searchAttempts } from "../../attempt-search.ts";
import type { AttemptColumns } from "../../job-columns.ts";
import type { Call } from "../../shelves/tables/session.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import type { AttemptLog, IndexedAttempt } from "./attempt-log.ts";
import { hashOf, type LaneJobs } from "./lane-jobs.ts";

interface DetailRow extends AttemptColumns {
  readonly job_id: string;
  readonly lane: string;
  readonly tenant: string;
  readonly event: string;
  readonly trigger: string | null;
  readonly type: string | null;
  readonly channels: string | null;
  readonly tags: string | null;
}

interface Bound {
  readonly startedAt: number;
  readonly job: number;
}

const ANSWER_ERASED = `
  excerpt = case when excerpt is not null then '${ERASED_EXCERPT}' end,
  error = case when error is not null then '${ERASED_EXCERPT}' end`;

const DETAIL = "j.id as job_id, j.lane, j.tenant, j.event, j.trigger, e.type, e.channels, e.tags";

/** Attempts at endpoints as they are looked up. */
export class Attempts implements AttemptRecords {
  readonly #db: Database;
  readonly #session: ShelfSession;
  readonly #log: AttemptLog;
  readonly #older: Statement<IndexedAttempt>;
  readonly #newer: Statement<IndexedAttempt>;
  readonly #count: Statement<{ n: number }>;
  readonly #ofEvent: Statement<IndexedAttempt & { lane: string }>;
  readonly #ofJob: Statement<IndexedAttempt>;
  readonly #failure: Statement<DetailRow>;
  readonly #success: Statement<DetailRow>;
  readonly #jobsFrom: Statement<{ seq: number; id: string }>;
  readonly #eraseFailure: Statement;
  readonly #eraseSuccess: Statement;
  readonly #eraseOfJob: readonly Statement[];
  readonly #tagsOfEnded: Statement<{ seq: number; tags: string | null }>;
  readonly #laneJobs: LaneJobs;

  constructor(db: Database, laneJobs: LaneJobs, log: AttemptLog, session: ShelfSession) {
    this.#laneJobs = laneJobs;
    this.#db = db;
    this.#session = session;
    this.#log = log;
    const walk = (comparison: string, order: string) =>
      db.prepare<IndexedAttempt>(`
        select is_success, started_at, job, n
        from endpoint_attempts
        where lane_hash = ? and is_success = ? and (started_at, job) ${comparison} (?, ?)
        order by started_at${order}, job${order}
        limit ?`);
    this.#older = walk("<", " desc");
    this.#newer = walk(">", "");
    this.#count = db.prepare(`
      select count(*) as n
      from (
        select 1
        from endpoint_attempts
        where lane_hash = ? and is_success = ? and started_at >= ? and started_at < ?
        limit ?
      ) as counted`);
    this.#ofEvent = db.prepare(`
      select 0 as is_success, a.started_at, a.job, a.n, j.lane
      from jobs j indexed by jobs_by_event
      cross join attempts a on a.job = j.seq
      where j.event = ?1
      union all
      select 1, f.began_at, f.job, f.attempts, j.lane
      from jobs j indexed by jobs_by_event
      cross join finished f on f.job = j.seq and f.status = 'succeeded' and f.began_at is not null
      where j.event = ?1`);
    this.#ofJob = db.prepare(`
      select 0 as is_success, started_at, job, n
      from attempts
      where job = ?1
      union all
      select 1, began_at, job, attempts
      from finished
      where job = ?1 and status = 'succeeded' and began_at is not null`);
    this.#failure = db.prepare(`
      select ${DETAIL}, a.n, a.outcome, a.started_at, a.duration_ms, a.error, a.code, a.class, a.excerpt, a.fingerprint, a.detail
      from attempts a
      cross join jobs j on j.seq = a.job
      left join events e on e.id = j.event
      where a.job = ? and a.n = ?`);
    this.#success = db.prepare(`
      select ${DETAIL}, f.attempts as n, f.status as outcome, f.began_at as started_at, f.duration_ms, null as error, f.code, f.class,
        f.excerpt, null as fingerprint, null as detail
      from finished f
      cross join jobs j on j.seq = f.job
      left join events e on e.id = j.event
      where f.job = ? and f.status = 'succeeded'`);
    this.#jobsFrom = db.prepare("select seq, id from jobs where id >= ? order by id limit ?");
    this.#eraseFailure = db.prepare(`
      update attempts
      set excerpt = ?, detail = null
      where job = (select seq from jobs where id = ?) and n = ?`);
    this.#eraseSuccess = db.prepare(`
      update finished
      set excerpt = ?
      where job = (select seq from jobs where id = ?) and attempts = ? and status = 'succeeded'`);
    this.#tagsOfEnded = db.prepare(
      "select j.seq, j.tags from jobs j join finished f on f.job = j.seq where j.id = ?",
    );
    const ended = "(select f.job from jobs j join finished f on f.job = j.seq where j.id = ?)";
    this.#eraseOfJob = [
      `update attempts set ${ANSWER_ERASED}, detail = null where job = ${ended}`,
      `update finished set ${ANSWER_ERASED}, result = null where job = ${ended}`,
      `update jobs set payload = case when event is null then 'null' else payload end, tags = null, meta = null where seq = ${ended}`,
    ].map((sql) => db.prepare(sql));
  }

  ofEndpoint(lane: string, page: AttemptsPage): Promise<AttemptSlice> {
    const { status } = page.filter;
    const outcomes = status === undefined ? [0, 1] : [status === "succeeded" ? 1 : 0];
    const hash = hashOf(lane);
    return searchAttempts(page, {
      walk: (walk) =>
        this.#walked(walk, ({ startedAt, job }) => {
          const statement = walk.rises ? this.#newer : this.#older;
          const indexed = outcomes.flatMap((isSuccess) =>
            statement.all(hash, isSuccess, startedAt, job, walk.limit),
          );
          return [...indexed, ...this.#log.tail(lane).filter((each) => outcomes.includes(each.is_success))];
        }).then((attempts) => attempts.filter((each) => each.lane === lane)),
    });
  }

  ofEvent(eventId: string, page: AttemptsPage): Promise<AttemptSlice> {
    const { status, lane } = page.filter;
    return searchAttempts(page, {
      walk: (walk) =>
        this.#walked(walk, () =>
          this.#ofEvent
            .all(eventId)
            .filter((each) => status === undefined || (each.is_success === 1) === (status === "succeeded"))
            .filter((each) => lane === undefined || each.lane === lane),
        ),
    });
  }

  countOf(lane: string, { since, until }: AttemptSpan, most: number): Promise<AttemptCounts> {
    const hash = hashOf(lane);
    return this.#db.read(() => {
      const recent = this.#log.tail(lane).filter(({ started_at: at }) => at >= since && at < until);
      const count = (isSuccess: number) => {
        const indexed = this.#count.get(hash, isSuccess, since, until, most)?.n ?? 0;
        return Math.min(most, indexed + recent.filter((each) => each.is_success === isSuccess).length);
      };
      return { succeeded: count(1), failed: count(0) };
    });
  }

  find(attemptId: string): Promise<EndpointAttempt | undefined> {
    const parts = readAttemptId(attemptId);
    if (!parts) return Promise.resolve(undefined);
    return this.#db.read(() => {
      for (const { seq } of this.#jobsWith(parts.jobIdStart))
        for (const each of this.#ofJob.all(seq)) {
          const found = this.#read(each);
          if (found && isNamed(parts, found)) return found;
        }
      return undefined;
    });
  }

  erase({ jobId, n }: Pick<AttemptPlace, "jobId" | "n">, audit?: Call<unknown>): Promise<boolean> {
    return this.#db.write(() => {
      const failures = this.#eraseFailure.run(ERASED_EXCERPT, jobId, n);
      const isErased = failures + this.#eraseSuccess.run(ERASED_EXCERPT, jobId, n) > 0;
      if (isErased && audit) this.#session.run(audit);
      return isErased;
    });
  }

  eraseJobs(jobIds: readonly string[]): Promise<void> {
    return this.#db.write(() => {
      for (const jobId of jobIds) {
        const ended = this.#tagsOfEnded.get(jobId);
        if (ended) this.#laneJobs.removeTags(ended.tags, ended.seq);
        for (const statement of this.#eraseOfJob) statement.run(jobId);
      }
    });
  }

  /** In one turn, so that what is found is there. */
  #walked(walk: AttemptWalk, find: (bound: Bound) => IndexedAttempt[]): Promise<EndpointAttempt[]> {
    const { rises, limit } = walk;
    return this.#db.read(() => {
      const { startedAt, jobIdStart } = boundOf(walk);
      const bound = { startedAt, job: this.#boundWith(jobIdStart, rises) };
      const direction = rises ? 1 : -1;
      return find(bound)
        .filter((each) => direction * (each.started_at - startedAt || each.job - bound.job) > 0)
        .sort((a, b) => direction * (a.started_at - b.started_at || a.job - b.job))
        .slice(0, limit)
        .flatMap((each) => this.#read(each) ?? []);
    });
  }

  /** The job that a walk begins beyond, which may be gone. */
  #boundWith(idStart: string, rises: boolean): number {
    const [at] = this.#jobsFrom.all(idStart, 1);
    if (!at) return Number.MAX_SAFE_INTEGER;
    return rises && !at.id.startsWith(idStart) ? at.seq - 1 : at.seq;
  }

  #jobsWith(idStart: string): { readonly seq: number }[] {
    return this.#jobsFrom.all(idStart, 8).filter(({ id }) => id.startsWith(idStart));
  }

  #read({ is_success, job, n }: IndexedAttempt): EndpointAttempt | undefined {
    const row = is_success === 1 ? this.#success.get(job) : this.#failure.get(job, n);
    if (!row || row.event === null) return undefined;
    const { job_id: jobId, started_at: startedAt, duration_ms: durationMs, channels, tags, ...rest } = row;
    return attemptOf({
      ...rest,
      jobId,
      startedAt,
      durationMs,
      channels: labelsOf(channels),
      tags: labelsOf(tags),
    });
  }
}
