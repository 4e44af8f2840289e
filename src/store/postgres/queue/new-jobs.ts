import { stringifyTies } from "../../../core/ties.ts";
import type { NewJob } from "../../queue.ts";
import { columnOf, heard, type Session, statement } from "../driver/statement.ts";
import { uuidOf } from "../job-id.ts";
import { enterLanes, isOrdered } from "./ordered-lanes.ts";
import { ORIGIN_COLUMNS, originLists } from "./origin.ts";

/** A new job, with the token of the lease that it begins with where a claim takes it at once. */
export interface PlacedJob {
  readonly job: NewJob;
  readonly token: number | null;
}

/**
 * Each job's row, and one where it stands: leased, ready, scheduled or parked. Lists come as texts, which every driver can pass on.
 * Jobs that were to be leased stand behind what is ready, if $3 asks for that.
 * @param mayPark also sends why each is parked; else none is.
 * @param mayHaveTags also makes them findable by their tags.
 * @param more columns of the jobs' rows besides those that all have, with their types.
 */
function insertWith(more: Readonly<Record<string, string>>, mayPark = false, mayHaveTags = false) {
  const names = Object.keys(more);
  const row = ["id, task, lane, priority, max_attempts, created_at, options, payload, ties", ...names].join(
    ", ",
  );
  const given = [row, "run_at", "token", ...(mayPark ? ["parked"] : [])].join(", ");
  const types = [
    "uuid",
    "text",
    "text",
    "int",
    "int",
    "bigint",
    "text",
    "text",
    "text",
    ...Object.values(more),
  ];
  const places = ["bigint", "bigint", ...(mayPark ? ["text"] : [])];
  const isInClaim = mayPark ? "parked is null" : "true";
  const parking = `
  parked as (
    insert into posthorn.parked (lane, run_at, job, reason, parked_at, priority, attempts, failures, losses)
    select lane, run_at, id, parked, $1::text::bigint, priority, 0, 0, 0
    from given
    where parked is not null
  ),`;
  const lists = [...types, ...places].map((type, at) => `$${at + 4}::text::${type}[]`).join(", ");
  return statement<{ is_behind: boolean }>(`
  with given as materialized (
    select *
    from unnest(${lists}) as j (${given})
  ),
  look as materialized (select $3::text::boolean and exists (select from posthorn.ready) as is_behind),
  kept as (
    insert into posthorn.jobs (${row})
    select ${row}
    from given
  ),
  ${mayHaveTags ? TAGGED : ""}leased as (
    insert into posthorn.leases
      (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
    select id, token, $2::text, priority, lane, 1, 0, 0, $1::text::bigint, $1::text::bigint
    from given
    where token is not null and not (select is_behind from look)
  ),${mayPark ? parking : ""}
  later as (
    insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses)
    select run_at, id, priority, lane, 0, 0, 0
    from given
    where token is null and run_at > $1::text::bigint and ${isInClaim}
  ),
  due as (
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses)
    select priority, 0, lane, run_at, id, 0, 0, 0
    from given
    where (token is null or (select is_behind from look)) and run_at <= $1::text::bigint and ${isInClaim}
  )
  select is_behind
  from look`);
}

const TAGGED = `tagged as (
    insert into posthorn.job_tags (job, tag)
    select distinct id, tag
    from given
    cross join lateral json_array_elements_text(tags::json) as tag
    where tags is not null
  ),
  `;

/** Most jobs have no origin and are not parked, and the columns for that are then not even sent. */
const INSERT = insertWith({});
const INSERT_WITH_MORE = insertWith(ORIGIN_COLUMNS, true);
const INSERT_WITH_TAGS = insertWith(ORIGIN_COLUMNS, true, true);

/** Whose leases new jobs begin with. */
export interface FirstLeases {
  readonly workerId: string;
  /** Only while nothing is ready: what is ready comes first, and the new jobs are ready too then. */
  readonly behindReady: boolean;
}

const NO_LEASES: FirstLeases = { workerId: "", behindReady: false };

/** Writes the rows of jobs: once each, and never again. */
export class NewJobs {
  /** Whether the leases that jobs were to begin with were not given, because something was ready. Need not be waited for. */
  insert(
    session: Session,
    placed: readonly PlacedJob[],
    now: number,
    { workerId, behindReady }: FirstLeases = NO_LEASES,
  ): Promise<boolean> {
    const jobs = placed.map(({ job }) => job);
    const hasMore = jobs.some(({ origin, parked }) => (origin ?? parked) !== undefined);
    const hasTags = hasMore && jobs.some(({ origin }) => origin?.tags !== undefined);
    const inserting = session.run(
      hasTags ? INSERT_WITH_TAGS : hasMore ? INSERT_WITH_MORE : INSERT,
      String(now),
      workerId,
      String(behindReady),
      columnOf(jobs, ({ id }) => uuidOf(id)),
      columnOf(jobs, ({ task }) => task),
      columnOf(jobs, ({ lane }) => lane),
      columnOf(jobs, ({ priority }) => priority),
      columnOf(jobs, ({ maxAttempts }) => maxAttempts),
      columnOf(jobs, ({ createdAt }) => createdAt),
      columnOf(jobs, ({ options }) => options),
      columnOf(jobs, ({ payload }) => payload),
      columnOf(jobs, ({ ties }) => stringifyTies(ties)),
      ...(hasMore ? originLists(jobs) : []),
      columnOf(jobs, ({ runAt }) => runAt),
      columnOf(placed, ({ token }) => token),
      ...(hasMore ? [columnOf(jobs, ({ parked }) => parked ?? null)] : []),
    );
    const answered = inserting.then(([row]) => row?.is_behind === true);
    if (!jobs.some(isOrdered)) return heard(answered);
    const entered = enterLanes(session, jobs, now);
    return heard(answered.then(async (isBehind) => entered.then(() => isBehind)));
  }
}
