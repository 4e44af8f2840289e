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
import type { Database } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import { arrayOf, statement, storable } from "../driver/statement.ts";
import { eventIdOf, findableUuid, jobIdOf, uuidOf } from "../job-id.ts";

interface DetailRow extends AttemptColumns {
  readonly job: string;
  readonly lane: string;
  readonly tenant: string | null;
  readonly event: string | null;
  readonly trigger: string | null;
  readonly type: string | null;
  readonly channels: string | null;
  readonly tags: string | null;
}

const FAILURE = `
  select job, n, outcome, started_at, duration_ms, error, code, class, excerpt, fingerprint, detail
  from posthorn.attempts`;

const SUCCESS = `
  select job, attempts, status, began_at, duration_ms, null, code, class, excerpt, null, null
  from posthorn.finished`;

/** With what is known of their jobs and events. @param found attempts, in the order of the walk. */
function detailed(found: string, order: string): string {
  return `
    with found as materialized (${found})
    select f.*, j.lane, j.tenant, j.event, j.trigger, e.type, e.channels, e.tags
    from found f
    cross join lateral (select * from posthorn.jobs where id = f.job limit 1) j
    left join lateral (select type, channels, tags from posthorn.events where id = j.event limit 1) e on true
    order by f.started_at${order}, f.job${order}`;
}

// a walk of each index, of which the first are taken; $5 is the status that is asked for
function walkOfEndpoint(comparison: string, order: string) {
  const hash = "lane_hash = hashtextextended($1::text, 0)";
  return statement<DetailRow>(
    detailed(
      `
      (
        ${FAILURE}
        where ${hash} and (started_at, job) ${comparison} ($2::bigint, $3::uuid) and $5::text is distinct from 'succeeded'
        order by started_at${order}, job${order}
        limit $4::int
      )
      union all
      (
        ${SUCCESS}
        where ${hash} and (began_at, job) ${comparison} ($2::bigint, $3::uuid) and $5::text is distinct from 'failed'
        order by began_at${order}, job${order}
        limit $4::int
      )
      order by started_at${order}, job${order}
      limit $4::int`,
      order,
    ),
  );
}

function walkOfEvent(comparison: string, order: string) {
  const jobs =
    "select id from posthorn.jobs where event = $1::uuid and ($6::text is null or lane = $6::text)";
  return statement<DetailRow>(
    detailed(
      `
      select *
      from (
        ${FAILURE}
        where job = any (array(${jobs})) and $5::text is distinct from 'succeeded'
        union all
        ${SUCCESS}
        where job = any (array(${jobs})) and status = 'succeeded' and $5::text is distinct from 'failed'
      ) a
      where (started_at, job) ${comparison} ($2::bigint, $3::uuid)
      order by started_at${order}, job${order}
      limit $4::int`,
      order,
    ),
  );
}

const OF_ENDPOINT = { older: walkOfEndpoint("<", " desc"), newer: walkOfEndpoint(">", "") };
const OF_EVENT = { older: walkOfEvent("<", " desc"), newer: walkOfEvent(">", "") };

const COUNT = statement<AttemptCounts>(`
  select
    (
      select count(*)
      from (
        select
        from posthorn.finished
        where lane_hash = hashtextextended($1::text, 0) and began_at >= $2::bigint and began_at < $3::bigint
        limit $4::int
      ) s
    ) as succeeded,
    (
      select count(*)
      from (
        select
        from posthorn.attempts
        where lane_hash = hashtextextended($1::text, 0) and started_at >= $2::bigint and started_at < $3::bigint
        limit $4::int
      ) f
    ) as failed`);

const FIND = statement<DetailRow>(
  detailed(
    `
    ${FAILURE}
    where job >= $1::uuid and job <= $2::uuid and started_at = $3::bigint
    union all
    ${SUCCESS}
    where job >= $1::uuid and job <= $2::uuid and began_at = $3::bigint and status = 'succeeded'`,
    "",
  ),
);

const ERASE = statement<{ n: number }>(`
  with failure as (
    update posthorn.attempts set excerpt = $3::text, detail = null where job = $1::uuid and n = $2::int returning n
  ),
  success as (
    update posthorn.finished
    set excerpt = $3::text
    where job = $1::uuid and attempts = $2::int and status = 'succeeded'
    returning attempts
  )
  select n from failure
  union all
  select attempts from success`);

const ANSWER_ERASED = `
  excerpt = case when excerpt is not null then '${ERASED_EXCERPT}' end,
  error = case when error is not null then '${ERASED_EXCERPT}' end`;

const ERASE_JOBS = statement(`
  with ended as (
    select job from posthorn.finished where job = any ($1::uuid[])
  ),
  failures as (
    update posthorn.attempts set ${ANSWER_ERASED}, detail = null where job in (select job from ended)
  ),
  ends as (
    update posthorn.finished set ${ANSWER_ERASED}, result = null where job in (select job from ended)
  ),
  tags_gone as (
    delete from posthorn.job_tags where job = any (array(select job from ended))
  )
  update posthorn.jobs
  set payload = case when event is null then 'null' else payload end, tags = null, meta = null
  where id in (select job from ended)`);

/** Attempts at endpoints as they are looked up. */
export class Attempts implements AttemptRecords {
  readonly #db: Database;
  readonly #session: ShelfSession;

  constructor(db: Database, session: ShelfSession) {
    this.#session = session;
    this.#db = db;
  }

  ofEndpoint(lane: string, page: AttemptsPage): Promise<AttemptSlice> {
    const status = page.filter.status ?? null;
    return searchAttempts(page, {
      walk: async (walk) => {
        const walking = walk.rises ? OF_ENDPOINT.newer : OF_ENDPOINT.older;
        const rows = await this.#db.run(walking, lane, ...boundsOf(walk), walk.limit, status);
        return rows.filter((row) => row.lane === lane).flatMap(toAttempt);
      },
    });
  }

  async ofEvent(eventId: string, page: AttemptsPage): Promise<AttemptSlice> {
    const { status = null, lane: ofLane = null } = page.filter;
    const lane = storable(ofLane); // it may name what a caller wrote for an endpoint
    return searchAttempts(page, {
      walk: async (walk) => {
        const walking = walk.rises ? OF_EVENT.newer : OF_EVENT.older;
        const bounds = boundsOf(walk);
        const rows = await this.#db.run(walking, uuidOf(eventId), ...bounds, walk.limit, status, lane);
        return rows.flatMap(toAttempt);
      },
    });
  }

  async countOf(lane: string, { since, until }: AttemptSpan, most: number): Promise<AttemptCounts> {
    const [counts] = await this.#db.run(COUNT, lane, since, until, most);
    return counts ?? { succeeded: 0, failed: 0 };
  }

  async find(attemptId: string): Promise<EndpointAttempt | undefined> {
    const parts = readAttemptId(attemptId);
    if (!parts) return undefined;
    const { jobIdStart, startedAt } = parts;
    const rows = await this.#db.run(FIND, lowest(jobIdStart), highest(jobIdStart), startedAt);
    return rows.flatMap(toAttempt).find((attempt) => isNamed(parts, attempt));
  }

  async erase({ jobId, n }: Pick<AttemptPlace, "jobId" | "n">, audit?: Call<unknown>): Promise<boolean> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return false;
    return this.#db.write(async (transaction) => {
      const isErased = (await transaction.run(ERASE, uuid, n, ERASED_EXCERPT)).length > 0;
      if (isErased && audit) await this.#session.run(transaction, audit);
      return isErased;
    });
  }

  async eraseJobs(jobIds: readonly string[]): Promise<void> {
    await this.#db.run(ERASE_JOBS, arrayOf(jobIds.map(uuidOf)));
  }
}

/** No attempt began later. */
const LAST_MS = 2 ** 50;

function boundsOf(walk: AttemptWalk): [startedAt: number, job: string] {
  const { startedAt, jobIdStart } = boundOf(walk);
  return [Math.min(startedAt, LAST_MS), walk.rises ? highest(jobIdStart) : lowest(jobIdStart)];
}

const ID_LENGTH = "job_".length + 26;

/** The first id that begins so. */
function lowest(idStart: string): string {
  return uuidOf(idStart.padEnd(ID_LENGTH, "0"));
}

/** The last id that begins so. */
function highest(idStart: string): string {
  return uuidOf(idStart.padEnd(ID_LENGTH, "z"));
}

function toAttempt(row: DetailRow): EndpointAttempt[] {
  const { job, tenant, event, started_at: startedAt, duration_ms: durationMs, channels, tags, ...rest } = row;
  if (tenant === null || event === null) return [];
  const attempt = { ...rest, jobId: jobIdOf(job), tenant, event: eventIdOf(event), startedAt, durationMs };
  return [attemptOf({ ...attempt, channels: labelsOf(channels), tags: labelsOf(tags) })];
}
