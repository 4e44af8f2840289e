/** Storage is bounded by age, and kept in shape. */
export interface Retention {
  /** Does a bounded amount of maintenance that the hot path leaves for later. False if nothing is left to do. */
  maintain(): Promise<boolean>;
  /**
   * The size of what is stored, without deleted data; quick. Undefined if deleting does not free space at once, so that it is no guide for
   * deleting.
   */
  usedBytes(): Promise<number | undefined>;
  /** How much finished jobs hold, of those made before the one with this mark, the youngest first; not those with a retention of their own. */
  weigh(after: string | null, limit: number): Promise<readonly FinishedWeight[]>;
  /**
   * Deletes at most `limit` finished jobs with all that belongs to them, oldest first; not those with a retention of their own. It walks
   * through those made before `before.madeBefore`, a bounded number at a time, whether or not they go.
   */
  pruneJobs(before: EndedBefore, after: string | null, limit: number): Promise<PrunedBatch>;
  /**
   * Does the same for the jobs of one status, which it finds in the small index on them: where they are kept for another time than the
   * succeeded ones, which are most, `pruneJobs` would go too far or not far enough.
   * @param madeBefore only those that were made before this, too. Default: `before`.
   */
  pruneDead(
    status: "failed" | "cancelled",
    before: number,
    after: string | null,
    limit: number,
    madeBefore?: number,
  ): Promise<PrunedBatch>;
  /** Deletes at most `limit` of the finished jobs with a retention of their own (`Ties.retainMs`) that are past it; how many. */
  pruneExpired(now: number, limit: number): Promise<number>;
  /** Deletes at most `limit` groups that were settled before then; how many. */
  pruneGroups(settledBefore: number, limit: number): Promise<number>;
  /** Deletes at most `limit` of the events made before then that no job refers to any more, oldest first, and their keys. */
  pruneEvents(createdBefore: number, after: string | null, limit: number): Promise<PrunedBatch>;
  /** Deletes at most `limit` expired idempotency keys; how many. */
  pruneIdempotencyKeys(now: number, limit: number): Promise<number>;
}

/** Jobs that ended before then are past their retention. */
export interface EndedBefore {
  readonly succeeded: number;
  /** Of failed and of cancelled ones. */
  readonly failed: number;
  /** Only those that were made before this, too. Default: before `succeeded`. */
  readonly madeBefore?: number;
}

/** How much a finished job holds: its input or its share of its event's, its result and what is kept of its attempts. */
export interface FinishedWeight {
  /** The store's own mark of where to go on. */
  readonly mark: string;
  readonly createdAt: number;
  /** Whether it succeeded, rather than failed or was cancelled. */
  readonly hasSucceeded: boolean;
  readonly bytes: number;
}

/** What the rows of a job take besides, with their indexes: about. */
export const ROW_BYTES = 500;

/** How many finished jobs are checked in one batch, whether or not they are deleted. */
export const MOST_LOOKED_AT = 1_000;

export interface PrunedBatch {
  readonly pruned: number;
  /** The store's own mark of where to continue; null if nothing more is old enough. */
  readonly last: string | null;
}
