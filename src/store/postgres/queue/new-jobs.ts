import { stringifyTies } from "../../../core/ties.ts";
import type { NewJob } from "../../queue.ts";
import { columnOf, heard, type Session, statement } from "../driver/statement.ts";
import { uuidOf } from "../job-id.ts";

/** A new job, with the token of the lease that it begins with where a claim takes it at once. */
export interface PlacedJob {
  readonly job: NewJob;
  readonly token: number | null;
}

/**
 * Each job's row, and one where it stands: leased, ready or scheduled. Lists come as texts, which every driver can pass on.
 * Jobs that were to be leased stand behind what is ready, if $14 asks for that.
 */
const INSERT = statement<{ is_behind: boolean }>(`
  with given as materialized (
    select *
    from unnest(
      $1::text::uuid[], $2::text::text[], $3::text::text[], $4::text::int[], $5::text::int[], $6::text::bigint[],
      $7::text::text[], $8::text::text[], $9::text::text[], $10::text::bigint[], $11::text::bigint[]
    ) as j (id, task, lane, priority, max_attempts, created_at, options, payload, ties, run_at, token)
  ),
  look as materialized (select $14::text::boolean and exists (select from posthorn.ready) as is_behind),
  kept as (
    insert into posthorn.jobs (id, task, lane, priority, max_attempts, created_at, options, payload, ties)
    select id, task, lane, priority, max_attempts, created_at, options, payload, ties
    from given
  ),
  leased as (
    insert into posthorn.leases
      (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
    select id, token, $13::text, priority, lane, 1, 0, 0, $12::text::bigint, $12::text::bigint
    from given
    where token is not null and not (select is_behind from look)
  ),
  later as (
    insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses)
    select run_at, id, priority, lane, 0, 0, 0
    from given
    where token is null and run_at > $12::text::bigint
  ),
  due as (
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses)
    select priority, 0, lane, run_at, id, 0, 0, 0
    from given
    where (token is null or (select is_behind from look)) and run_at <= $12::text::bigint
  )
  select is_behind
  from look`);

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
    const inserting = session.run(
      INSERT,
      columnOf(jobs, ({ id }) => uuidOf(id)),
      columnOf(jobs, ({ task }) => task),
      columnOf(jobs, ({ lane }) => lane),
      columnOf(jobs, ({ priority }) => priority),
      columnOf(jobs, ({ maxAttempts }) => maxAttempts),
      columnOf(jobs, ({ createdAt }) => createdAt),
      columnOf(jobs, ({ options }) => options),
      columnOf(jobs, ({ payload }) => payload),
      columnOf(jobs, ({ ties }) => stringifyTies(ties)),
      columnOf(jobs, ({ runAt }) => runAt),
      columnOf(placed, ({ token }) => token),
      String(now),
      workerId,
      String(behindReady),
    );
    return heard(inserting.then(([row]) => row?.is_behind === true));
  }
}
