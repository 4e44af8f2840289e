import type { EndedBefore } from "../../retention.ts";
import type { Database } from "../driver/database.ts";
import { adHoc, type Session } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import { FIRST_UUID } from "../records/filter.ts";
import { firstUuidAt } from "./partition-bounds.ts";
import { changePartitions, type Layout, PARTITIONED, type Partition, readLayout } from "./partitions.ts";

/** Fewer jobs are deleted in two seconds, batch by batch. */
const LARGE = 10_000;
const LOOK_MS = 5_000;
/**
 * Until all in a large partition is past its retention, what is keeps waiting, for this share of the retention at most: of 30
 * days, 5. So long the jobs of a day take to be past, with those that were retried for days. Row by row, a day with a million
 * jobs would be ten minutes of deleting, and as much again of vacuuming.
 */
const PATIENCE = 1 / 6;

/** When the jobs were made that are not kept for a large partition's sake: before this moment. */
export function deletableUntil({ now, partitions }: Layout, finishedBefore: number, large = LARGE): number {
  const waiting = partitions.find((each) => each.jobs >= large && isWorthWaiting(each, now, finishedBefore));
  return waiting ? waiting.from : finishedBefore;
}

function isWorthWaiting({ from }: Partition, now: number, finishedBefore: number): boolean {
  return from < finishedBefore && finishedBefore - from <= (now - finishedBefore) * PATIENCE;
}

/** Frees large partitions as a whole, once all that is in them is past its retention. */
export class WholePartitions {
  readonly #db: Database;
  readonly #large: number;
  #layout: Layout = { now: 0, partitions: [] };
  #lookAt = 0;

  /** @param large how many jobs make a partition a large one. */
  constructor(db: Database, large = LARGE) {
    this.#db = db;
    this.#large = large;
  }

  /**
   * Frees those that can be.
   * @param before by the server's clock.
   * @returns when the jobs were made that others may delete: before this moment.
   */
  async free(before: EndedBefore): Promise<number> {
    if (performance.now() >= this.#lookAt) {
      this.#lookAt = performance.now() + LOOK_MS;
      this.#layout = await this.#worthFreeing(before);
      for (const each of this.#layout.partitions) {
        if (each.to <= before.succeeded) await this.#freeWhole(each, before);
      }
    }
    return deletableUntil(this.#layout, before.succeeded, this.#large);
  }

  /** The large ones that may be freed as a whole; not those with failed jobs in them that are kept for longer. */
  async #worthFreeing(before: EndedBefore): Promise<Layout> {
    const { now, partitions } = await readLayout(this.#db);
    const worth: Partition[] = [];
    for (const each of partitions) {
      if (each.jobs < this.#large) continue;
      const isNear = each.to <= before.succeeded || isWorthWaiting(each, now, before.succeeded);
      if (isNear && !(await keepsDead(this.#db, each, before))) worth.push(each);
    }
    return { now, partitions: worth };
  }

  #freeWhole(partition: Partition, before: EndedBefore): Promise<boolean> {
    return changePartitions(this.#db, async (transaction) => {
      const { partitions } = await readLayout(transaction); // another process may have been first
      const isThere = partitions.some(({ suffix, to }) => suffix === partition.suffix && to === partition.to);
      return isThere && freeIfOver(transaction, partition, before);
    });
  }
}

/** TRUNCATE, because its lock is only on rows that nobody needs. Partitioning then removes the empty partition. */
async function freeIfOver(
  transaction: Transaction,
  partition: Partition,
  before: EndedBefore,
): Promise<boolean> {
  if (!(await isOver(transaction, partition, before))) return false;
  const tables = PARTITIONED.map((table) => `posthorn.${table}_${partition.suffix}`).join(", ");
  await transaction.run(adHoc(`lock table ${tables} in access exclusive mode`));
  // a job may have been rerun by hand meanwhile, or one with an old id may have been added
  if (!(await isOver(transaction, partition, before))) return false;
  await transaction.run(adHoc(`truncate ${tables}`));
  return true;
}

/** Whether jobs in it that failed or were cancelled must live on although succeeded ones need not: a look into the index on them. */
async function keepsDead(session: Session, { to, suffix }: Partition, before: EndedBefore): Promise<boolean> {
  if (before.failed >= Math.min(to, before.succeeded)) return false;
  const DEAD = adHoc<{ is_there: boolean }>(`
    select exists (
      select
      from posthorn.finished_${suffix}
      where status in ('failed', 'cancelled') and expires_at is null
    ) as is_there`);
  return (await session.run(DEAD))[0]?.is_there === true;
}

/** Whether no job in it lives, ended later, or has a retention of its own that is not over: a few looks into indexes. */
async function isOver(session: Session, partition: Partition, before: EndedBefore): Promise<boolean> {
  if (await keepsDead(session, partition, before)) return false;
  const { from, to, suffix } = partition;
  const isWithin = `job >= '${from < 0 ? FIRST_UUID : firstUuidAt(from)}' and job < '${firstUuidAt(to)}'`;
  const OVER = adHoc<{ is_over: boolean }>(`
    select not (
      exists (select from posthorn.ready where ${isWithin})
      or exists (select from posthorn.scheduled where ${isWithin})
      or exists (select from posthorn.parked where ${isWithin})
      or exists (select from posthorn.leases where ${isWithin})
      or exists (
        select
        from posthorn.finished_${suffix}
        where ended_late and finished_at >= ${Math.min(before.succeeded, before.failed)}
          and finished_at >= case status when 'succeeded' then ${before.succeeded} else ${before.failed} end
      )
      or exists (
        select
        from posthorn.finished_${suffix}
        where expires_at > (extract(epoch from clock_timestamp()) * 1000)::bigint
      )
    ) as is_over`);
  return (await session.run(OVER))[0]?.is_over === true;
}
