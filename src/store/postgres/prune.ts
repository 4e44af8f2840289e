import {
  type EndedBefore,
  type FinishedWeight,
  MOST_LOOKED_AT,
  type PrunedBatch,
  type Retention,
} from "../retention.ts";
import { Compaction } from "./compaction.ts";
import type { Database } from "./driver/database.ts";
import { statement } from "./driver/statement.ts";
import { eventIdOf, jobIdOf, uuidOf } from "./job-id.ts";
import { firstUuidAt } from "./partitions/partition-bounds.ts";
import { Partitioning } from "./partitions/partitioning.ts";
import { WholePartitions } from "./partitions/whole-partitions.ts";
import { FIRST_UUID } from "./records/filter.ts";
import { weightsOf } from "./weights.ts";

const DROP = `
  attempts_gone as (delete from posthorn.attempts where job = any (array(select job from old))),
  tags_gone as (delete from posthorn.job_tags where job = any (array(select job from old))),
  jobs_gone as (delete from posthorn.jobs where id = any (array(select job from old))),
  finished_gone as (delete from posthorn.finished where job = any (array(select job from old)))
  select job
  from old
  order by job`;

const FARTHEST = statement<{ job: string }>(`
  select job
  from posthorn.finished
  where job > $1::uuid and job < $2::uuid
  order by job
  limit 1 offset ${MOST_LOOKED_AT - 1}`);

// in the order of age
const PRUNE_OLD = statement<{ job: string }>(`
  with old as materialized (
    select job
    from posthorn.finished
    where job > $1::uuid and job <= $2::uuid and expires_at is null
      and finished_at < case status when 'succeeded' then $3::bigint else $4::bigint end
    order by job
    limit $5::int
    for update
  ),
  ${DROP}`);

// a statement for each, because the index on them is found by what is written in it
const PRUNE_DEAD = { failed: pruneDead("failed"), cancelled: pruneDead("cancelled") };

function pruneDead(status: string) {
  return statement<{ job: string }>(`
    with old as materialized (
      select job
      from posthorn.finished
      where status = '${status}' and job > $1::uuid and job < $2::uuid and finished_at < $3::bigint and expires_at is null
      order by job
      limit $4::int
      for update skip locked
    ),
    ${DROP}`);
}

const PRUNE_EXPIRED = statement<{ job: string }>(`
  with old as materialized (
    select job
    from posthorn.finished
    where expires_at is not null and expires_at <= $1::bigint
    order by expires_at
    limit $2::int
    for update skip locked
  ),
  ${DROP}`);

const PRUNE_GROUPS = statement<{ id: string }>(`
  with old as materialized ( -- some plans would look for them once for each group, and find others each time
    select id
    from posthorn.groups
    where settled_at < $1::bigint
    order by settled_at
    limit $2::int
    for update skip locked
  )
  delete from posthorn.groups
  where id = any (array(select id from old))
  returning id`);

// it checks this many, whether or not they are deleted
const PRUNE_EVENTS = statement<{ id: string; is_gone: boolean }>(`
  with old as materialized (
    select e.id, j.id is not null as is_needed
    from (select id from posthorn.events where id > $1::uuid and id < $2::uuid order by id limit $3::int) e
    left join lateral (select id from posthorn.jobs where event = e.id limit 1) j on true
  ),
  gone as (
    delete from posthorn.events
    where id = any (array(select id from old where not is_needed))
    returning id, tenant, event_id
  ),
  keys_gone as (
    delete from posthorn.event_keys k
    using gone
    where k.tenant = gone.tenant and k.event_id = gone.event_id and k.event = gone.id
  )
  select id, not is_needed as is_gone
  from old
  order by id`);

const PRUNE_KEYS = statement<{ key: string }>(`
  with old as materialized (
    select scope, key
    from posthorn.idempotency_keys
    where expires_at <= $1::bigint
    order by expires_at
    limit $2::int
    for update skip locked
  )
  delete from posthorn.idempotency_keys k
  using old
  where k.scope = old.scope and k.key = old.key
  returning k.key`);

/**
 * Deletes what is past its retention, in small batches, or at once where that is all of a large partition; and keeps hot tables
 * and partitions in shape.
 */
export class Upkeep implements Retention {
  readonly #db: Database;
  readonly #wholePartitions: WholePartitions;
  readonly #compaction: Compaction;
  readonly #partitioning: Partitioning;

  constructor(db: Database, wholePartitions = new WholePartitions(db)) {
    this.#db = db;
    this.#wholePartitions = wholePartitions;
    this.#compaction = new Compaction(db);
    this.#partitioning = new Partitioning(db);
  }

  async maintain(): Promise<boolean> {
    return (await this.#compaction.run()) || (await this.#partitioning.run()); // the rest is autovacuum's
  }

  /** A table returns space when a partition is dropped, or when a vacuum finds its end empty. */
  usedBytes(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  weigh(after: string | null, limit: number): Promise<readonly FinishedWeight[]> {
    return weightsOf(this.#db, after, limit);
  }

  async pruneJobs(before: EndedBefore, after: string | null, limit: number): Promise<PrunedBatch> {
    // what was made later is not freed as a whole either
    const made = Math.min(before.madeBefore ?? before.succeeded, before.succeeded);
    const bound = firstUuidAt(await this.#wholePartitions.free({ ...before, succeeded: made }));
    const from = after === null ? FIRST_UUID : uuidOf(after);
    const [farthest] = await this.#db.run(FARTHEST, from, bound);
    const { succeeded, failed } = before;
    const old = await this.#db.run(PRUNE_OLD, from, farthest?.job ?? bound, succeeded, failed, limit);
    const last = old.length < limit ? farthest : old.at(-1);
    return { pruned: old.length, last: last === undefined ? null : jobIdOf(last.job) };
  }

  async pruneDead(
    status: "failed" | "cancelled",
    before: number,
    after: string | null,
    limit: number,
    madeBefore = before,
  ): Promise<PrunedBatch> {
    const from = after === null ? FIRST_UUID : uuidOf(after);
    const old = await this.#db.run(PRUNE_DEAD[status], from, firstUuidAt(madeBefore), before, limit);
    const last = old.at(-1);
    return { pruned: old.length, last: old.length < limit || !last ? null : jobIdOf(last.job) };
  }

  async pruneExpired(now: number, limit: number): Promise<number> {
    return (await this.#db.run(PRUNE_EXPIRED, now, limit)).length;
  }

  async pruneGroups(settledBefore: number, limit: number): Promise<number> {
    return (await this.#db.run(PRUNE_GROUPS, settledBefore, limit)).length;
  }

  async pruneEvents(createdBefore: number, after: string | null, limit: number): Promise<PrunedBatch> {
    const from = after === null ? FIRST_UUID : uuidOf(after);
    const old = await this.#db.run(PRUNE_EVENTS, from, firstUuidAt(createdBefore), limit);
    const last = old.at(-1);
    const pruned = old.filter(({ is_gone }) => is_gone).length;
    return { pruned, last: old.length < limit || !last ? null : eventIdOf(last.id) };
  }

  async pruneIdempotencyKeys(now: number, limit: number): Promise<number> {
    return (await this.#db.run(PRUNE_KEYS, now, limit)).length;
  }
}
