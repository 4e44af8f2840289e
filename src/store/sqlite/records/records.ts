import type { Attempt, Job, JobStatus } from "../../../core/job.ts";
import type { Sought } from "../../../core/job-content.ts";
import { MOST_COUNTED } from "../../facts.ts";
import { type AttemptColumns, attemptOfRow } from "../../job-columns.ts";
import {
  type AttemptPage,
  type JobFilter,
  type JobPage,
  type JobRecords,
  type JobStanding,
  MOST_BEFORE,
  type Page,
  type SearchedTo,
  type SiftedPage,
} from "../../job-records.ts";
import type { Database, Statement } from "../driver/database.ts";
import { type JobRow, SELECT_JOB, toJob } from "./job-row.ts";
import type { LaneJobs } from "./lane-jobs.ts";
import type { ReadThread } from "./read-thread.ts";
import { type Found, ROWS_AT_ONCE, Search } from "./search.ts";

const STANDING = `
  select l.worker, l.leased_at as leasedAt,
    (select count(*) from (select lane from leases limit ${MOST_COUNTED}) as counted where counted.lane = j.lane) as running,
    iif(r.job is null, null, (
      select count(*)
      from (
        select 1
        from ready b
        where b.priority = r.priority and b.turn = r.turn and b.lane = r.lane and (b.due_at, b.job) < (r.due_at, r.job)
        limit ${MOST_BEFORE}
      ) as counted
    )) as before
  from jobs j
  left join leases l on l.job = j.seq
  left join ready r on r.job = j.seq
  where j.id = ?`;

/** Jobs and attempts as they are looked up. */
export class Records implements JobRecords {
  readonly #db: Database;
  readonly #search: Search;
  readonly #thread: ReadThread | undefined;
  readonly #byId: Statement<JobRow>;
  readonly #byKey: Statement<JobRow>;
  readonly #input: Statement<{ payload: string }>;
  readonly #smallInput: Statement<{ payload: string }>;
  readonly #attempts: Statement<AttemptColumns>;
  readonly #standing: Statement<JobStanding>;
  readonly #keyBound: Statement<{ key: number }>;
  readonly #place: Statement<{ id: string; created_at: number }>;

  /** @param thread where to look on when a page is not full after the first look; undefined to leave it at that. */
  constructor(db: Database, laneJobs: LaneJobs, thread?: ReadThread) {
    this.#db = db;
    this.#search = new Search(db, laneJobs);
    this.#thread = thread;
    this.#byId = db.prepare(`${SELECT_JOB} where j.id = ?`);
    this.#byKey = db.prepare(`${SELECT_JOB} where j.seq = ?`);
    this.#input = db.prepare("select payload from jobs where id = ?");
    this.#smallInput = db.prepare("select payload from jobs where id = ? and octet_length(payload) <= ?");
    this.#attempts = db.prepare(`
      with wanted (job, n) as (select seq, ?2 from jobs where id = ?1)
      select a.n, a.outcome, a.started_at, a.duration_ms, a.error, a.code, a.class, a.excerpt,
        a.fingerprint, a.detail
      from wanted w cross join attempts a on a.job = w.job and a.n < w.n
      union all
      select f.attempts, f.status, f.began_at, f.duration_ms, null, f.code, f.class, f.excerpt, null, iif(f.class is null, null, f.result)
      from wanted w cross join finished f on f.job = w.job and f.status = 'succeeded' and f.attempts < w.n
      order by 1 desc
      limit ?3`);
    this.#standing = db.prepare(STANDING);
    // where a page stopped: at that job, or, when it has been pruned since, after the next older one
    this.#keyBound = db.prepare(`
      select iif(id = ?1, seq, seq + 1) as key from jobs where id <= ?1 order by id desc limit 1`);
    this.#place = db.prepare("select id, created_at from jobs where seq <= ? order by seq desc limit 1");
  }

  get(jobId: string): Promise<Job | undefined> {
    return this.#db.read(() => {
      const row = this.#byId.get(jobId);
      return row && toJob(row);
    });
  }

  input(jobId: string): Promise<string | undefined> {
    return this.#db.read(() => this.#input.get(jobId)?.payload);
  }

  inputs(jobIds: readonly string[], mostBytes: number): Promise<ReadonlyMap<string, string>> {
    return this.#db.read(
      () =>
        new Map(
          jobIds.flatMap((id) => {
            const payload = this.#smallInput.get(id, mostBytes)?.payload;
            return payload ? [[id, payload] as const] : [];
          }),
        ),
    );
  }

  async list(filter: JobFilter, { limit, before }: Page): Promise<JobPage> {
    const first = await this.#db.read(() => {
      const bound = this.#boundAt(before);
      return this.#search.find(filter, { order: "desc", from: bound }, limit, ROWS_AT_ONCE);
    });
    const found = first.end === undefined ? first : await this.#lookOn(filter, limit, first, first.end);
    return this.#db.read(() => this.#page(found));
  }

  async holding(filter: JobFilter, { limit, before }: Page, sought: Sought): Promise<SiftedPage | undefined> {
    if (!this.#thread) return undefined;
    const bound = await this.#db.read(() => this.#boundAt(before));
    const found = await this.#thread.sift(filter, bound, limit, sought);
    return (
      found &&
      this.#db.read(() => {
        const page = this.#page(found);
        const isStored = (_: number, at: number) => this.#byKey.get(found.keys[at] ?? 0) !== undefined;
        const isWhole = page.jobs.length === found.keys.length;
        return {
          ...page,
          lookedAt: found.lookedAt,
          places: isWhole ? found.places : found.places.filter(isStored),
        };
      })
    );
  }

  attempts(jobId: string, page: AttemptPage): Promise<Attempt[]> {
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    return this.#db.read(() => this.#attempts.all(jobId, before, page.limit).map(attemptOfRow));
  }

  standing(jobId: string): Promise<JobStanding | undefined> {
    return this.#db.read(() => {
      const row = this.#standing.get(jobId);
      return row && { ...row };
    });
  }

  /** In the caller's transaction. */
  find(jobId: string): { key: number; status: JobStatus } | undefined {
    return this.#byId.get(jobId);
  }

  #boundAt(before: string | undefined): number | undefined {
    return before === undefined ? undefined : (this.#keyBound.get(before)?.key ?? 0);
  }

  async #lookOn(filter: JobFilter, limit: number, first: Found, before: number): Promise<Found> {
    const more = await this.#thread?.find(filter, before, limit - first.keys.length);
    return more ? { keys: [...first.keys, ...more.keys], end: more.end } : first;
  }

  #page({ keys, end }: Found): JobPage {
    const jobs = keys.flatMap((key) => this.#byKey.get(key) ?? []).map(toJob);
    // some were pruned since they were found, so the page is not full although it is not the last
    const isShort = jobs.length < keys.length;
    return { jobs, searchedTo: this.#searchedTo(end ?? (isShort ? keys.at(-1) : undefined)) };
  }

  #searchedTo(key: number | undefined): SearchedTo | null {
    const place = key === undefined ? undefined : this.#place.get(key);
    return place ? { id: place.id, createdAt: place.created_at } : null;
  }
}
