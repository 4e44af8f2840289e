import type { Attempt, Job } from "../../../core/job.ts";
import { type AttemptColumns, attemptOfRow, type JobColumns } from "../../job-columns.ts";
import type { AttemptPage, JobFilter, JobPage, JobRecords, Page } from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { arrayOf, statement } from "../driver/statement.ts";
import { findableUuid, jobIdOf } from "../job-id.ts";
import { SELECT_JOB, toJob } from "./job-row.ts";
import { search } from "./search.ts";

const GET = statement<JobColumns>(`with page (id) as (select $1::uuid) ${SELECT_JOB}`);

const INPUT = statement<{ payload: string }>("select payload from posthorn.jobs where id = $1::uuid");

const INPUTS = statement<{ id: string; payload: string }>(`
  select id, payload
  from posthorn.jobs
  where id = any ($1::uuid[])
    and payload <> ''
    and octet_length(payload) <= $2::int`);

const ATTEMPTS = statement<AttemptColumns>(`
  select n, outcome, started_at, duration_ms, error, code, class, excerpt, fingerprint, detail
  from posthorn.attempts
  where job = $1 and n < $2::bigint
  union all
  select attempts, status, began_at, duration_ms, null, code, class, excerpt, null, null
  from posthorn.finished
  where job = $1 and status = 'succeeded' and attempts < $2::bigint
  order by n desc
  limit $3::int`);

/** Jobs and attempts as they are looked up. */
export class Records implements JobRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get(jobId: string): Promise<Job | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    return (await this.#db.run(GET, uuid)).map((row) => toJob(row))[0];
  }

  list(filter: JobFilter, page: Page): Promise<JobPage> {
    return search(this.#db, filter, page);
  }

  async input(jobId: string): Promise<string | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    const [row] = await this.#db.run(INPUT, uuid);
    return row?.payload;
  }

  async inputs(jobIds: readonly string[], mostBytes: number): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#db.run(
      INPUTS,
      arrayOf(jobIds.flatMap((id) => findableUuid(id) ?? [])),
      mostBytes,
    );
    return new Map(rows.map(({ id, payload }) => [jobIdOf(id), payload]));
  }

  async attempts(jobId: string, page: AttemptPage): Promise<Attempt[]> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return [];
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    return (await this.#db.run(ATTEMPTS, uuid, before, page.limit)).map(attemptOfRow);
  }
}
