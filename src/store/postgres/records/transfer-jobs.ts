import { parseTies } from "../../../core/ties.ts";
import { PAGE_BYTES } from "../../page-bytes.ts";
import type { JobTransfer } from "../../shelves/transfers.ts";
import {
  ATTEMPT_COLUMNS,
  END_COLUMNS,
  failedAs,
  JOB_COLUMNS,
  type JobRecord,
  withoutLease,
} from "../../transfer.ts";
import type { Database } from "../driver/database.ts";
import { jsonOf, type Session, statement } from "../driver/statement.ts";
import { eventIdOf, jobIdOf, uuidOf } from "../job-id.ts";
import { enterLanes, lockLanes } from "../queue/ordered-lanes.ts";
import { FIRST_UUID } from "./filter.ts";
import { laneHash } from "./lane-hash.ts";

const JOB = JOB_COLUMNS.join(", ");
const END = END_COLUMNS.join(", ");
const ATTEMPT = ATTEMPT_COLUMNS.join(", ");

interface FoundRow extends JobRecord {
  readonly leased_at: number | null;
}

const COUNT = statement<{ n: number }>("select count(*) as n from posthorn.jobs");

const PAGE = statement<FoundRow>(`
  with page as materialized (
    select id
    from (
      select id, sum(octet_length(payload)) over (order by id) - octet_length(payload) as bytes_before
      from (select id, payload from posthorn.jobs where id > $1::uuid order by id limit $2::int) as next
    ) as sized
    where bytes_before < ${PAGE_BYTES}
  )
  select ${JOB_COLUMNS.map((name) => `j.${name}`).join(", ")},
    coalesce(f.status, 'queued') as status,
    coalesce(f.attempts, l.attempts, r.attempts, s.attempts, k.attempts, 0) as attempts,
    coalesce(f.started_at, l.started_at, r.started_at, s.started_at, k.started_at) as started_at,
    coalesce(l.failures, r.failures, s.failures, k.failures, 0) as failures,
    coalesce(l.losses, r.losses, s.losses, k.losses, 0) as losses,
    coalesce(r.due_at, s.run_at, k.run_at) as run_at,
    f.finished_at, f.expires_at, f.result, f.error, f.began_at, f.duration_ms, f.code, f.class, f.excerpt,
    l.leased_at,
    coalesce(h.history, '[]') as history
  from page p
  cross join lateral (select * from posthorn.jobs where id = p.id limit 1) j
  left join lateral (select * from posthorn.finished where job = p.id limit 1) f on true
  left join lateral (select * from posthorn.leases where job = p.id limit 1) l on true
  left join lateral (select * from posthorn.ready where job = p.id limit 1) r on true
  left join lateral (select * from posthorn.scheduled where job = p.id limit 1) s on true
  left join lateral (select * from posthorn.parked where job = p.id limit 1) k on true
  left join lateral (
    select json_agg(a order by a.n) as history
    from (
      select ${ATTEMPT}
      from posthorn.attempts
      where job = p.id
    ) a
  ) h on true
  order by p.id`);

const ADD = statement<{ id: string }>(`
  with given as materialized (
    select *
    from json_to_recordset($1::json) as j (
      id uuid, task text, lane text, priority int, options text, payload text, max_attempts int, created_at bigint, ties text,
      tenant text, event uuid, bulk text, trigger text, scheduled_for bigint, tags text, meta text,
      status text, attempts int, started_at bigint, failures int, losses int, run_at bigint,
      finished_at bigint, expires_at bigint, result text, error text,
      began_at bigint, duration_ms bigint, code int, class text, excerpt text, live_key text, failed_as text
    )
  ),
  added as (
    insert into posthorn.jobs (${JOB})
    select ${JOB}
    from given
    on conflict (id) do nothing
    returning id
  ),
  fresh as materialized (
    select given.* from given join added on added.id = given.id
  ),
  tagged as (
    insert into posthorn.job_tags (job, tag)
    select distinct id, tag
    from fresh
    cross join lateral json_array_elements_text(tags::json) as tag
    where tags is not null
  ),
  due as (
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
    select priority, (attempts > 0)::int, lane, run_at, id, attempts, failures, losses, started_at
    from fresh
    where status = 'queued' and run_at <= $2::bigint
  ),
  later as (
    insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses, started_at)
    select run_at, id, priority, lane, attempts, failures, losses, started_at
    from fresh
    where status = 'queued' and run_at > $2::bigint
  ),
  ended as (
    insert into posthorn.finished (job, lane, lane_hash, fingerprint, ${END})
    select id, case when status <> 'succeeded' then lane end, case when status = 'succeeded' then ${laneHash("lane")} end, failed_as, ${END}
    from fresh
    where status <> 'queued'
  ),
  keyed as (
    insert into posthorn.live_keys (task, key, job)
    select task, live_key, id
    from fresh
    where live_key is not null
    order by task collate "C", live_key collate "C"
    on conflict (task, key) do nothing
  )
  select id from added`);

const ADD_HISTORY = statement(`
  insert into posthorn.attempts (job, lane_hash, ${ATTEMPT})
  select a.job, ${laneHash("j.lane")}, ${ATTEMPT_COLUMNS.map((name) => `a.${name}`).join(", ")}
  from json_populate_recordset(null::posthorn.attempts, $1::json) a
  join posthorn.jobs j on j.id = a.job`);

/** Jobs with where they stand and all that belongs to them. */
export class TransferJobs implements JobTransfer {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async count(): Promise<number> {
    return (await this.#db.run(COUNT))[0]?.n ?? 0;
  }

  async page(after: string | null, limit: number): Promise<JobRecord[]> {
    const rows = await this.#db.run(PAGE, after === null ? FIRST_UUID : uuidOf(after), limit);
    return rows.map((row) => {
      const event = row.event === null ? null : eventIdOf(row.event);
      return withoutLease({ ...row, id: jobIdOf(row.id), event });
    });
  }

  add(jobs: readonly JobRecord[], now: number): Promise<number> {
    return this.#db.write((transaction) => {
      transaction.tell("work");
      return addJobs(transaction, jobs, now);
    });
  }
}

/** How many were not there yet. */
async function addJobs(session: Session, jobs: readonly JobRecord[], now: number): Promise<number> {
  const rows = jobs.map(({ history, ...job }) => ({
    ...job,
    failed_as: failedAs({ ...job, history }),
    id: uuidOf(job.id),
    event: job.event === null ? null : uuidOf(job.event),
    run_at: job.run_at ?? now,
    live_key: job.status === "queued" ? parseTies(job.ties)?.key : undefined,
  }));
  const waiting = jobs.filter(({ status }) => status === "queued");
  const inLanes = waiting.map(({ id, lane, ties }) => ({ id, lane, ties: parseTies(ties) }));
  await lockLanes(session, inLanes);
  const added = await session.run(ADD, jsonOf(rows), now);
  const fresh = new Set(added.map(({ id }) => id));
  await enterLanes(
    session,
    inLanes.filter(({ id }) => fresh.has(uuidOf(id))),
    now,
  );
  const attempts = jobs.flatMap(({ id, history }) => {
    const job = uuidOf(id);
    return fresh.has(job) ? history.map((attempt) => ({ ...attempt, job })) : [];
  });
  if (attempts.length > 0) await session.run(ADD_HISTORY, jsonOf(attempts));
  return fresh.size;
}
