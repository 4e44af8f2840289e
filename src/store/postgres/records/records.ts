import type { Attempt, Job } from "../../../core/job.ts";
import { MOST_COUNTED } from "../../facts.ts";
import { type AttemptColumns, attemptOfRow, type JobColumns } from "../../job-columns.ts";
import {
  type AttemptPage,
  type JobFilter,
  type JobPage,
  type JobRecords,
  type JobStanding,
  MOST_BEFORE,
  type Page,
} from "../../job-records.ts";
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
  select attempts, status, began_at, duration_ms, null, code, class, excerpt, null, case when class is not null then result end
  from posthorn.finished
  where job = $1 and status = 'succeeded' and attempts < $2::bigint
  order by n desc
  limit $3::int`);

const STANDING = statement<JobStanding>(`
  select l.worker, l.leased_at as "leasedAt",
    (
      select count(*)::int
      from (select lane from posthorn.leases limit ${MOST_COUNTED}) taken
      where taken.lane = j.lane
    ) as running,
    case when r.job is not null then (
      select count(*)::int
      from (
        select 1
        from posthorn.ready b
        where b.priority = r.priority and b.turn = r.turn and b.lane = r.lane and (b.due_at, b.job) < (r.due_at, r.job)
        limit ${MOST_BEFORE}
      ) earlier
    ) end as before
  from posthorn.jobs j
  left join posthorn.leases l on l.job = j.id
  left join posthorn.ready r on r.job = j.id
  where j.id = $1::uuid`);

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

  async standing(jobId: string): Promise<JobStanding | undefined> {
    const uuid = findableUuid(jobId);
    return uuid === undefined ? undefined : (await this.#db.run(STANDING, uuid))[0];
  }
}
