/**
 * A lane's jobs out of the claim, for as long as something holds the lane up: to everyone who looks they are queued. What
 * comes to the lane meanwhile is ready as always.
 *
 * Of an ordered lane (`ties.ordered`) only the head is ready, scheduled or leased, or parked for a reason of its own. The others
 * are parked `behind` it, in the order in which they came, and the transaction that ends the head lets the next one in.
 */
export interface Parking {
  /** Parks at most `limit` of a lane's ready jobs, those due first first; how many. */
  park(lane: string, reason: string, limit: number, now: number): Promise<number>;
  /**
   * Lets at most `limit` of a lane's parked jobs back in, those due first first, due when they were before; how many.
   * @param reason only those parked for it. Without one, all but those `behind`, which are let in only where the lane is no longer
   * to be ordered.
   */
  unpark(lane: string, limit: number, now: number, reason?: string): Promise<number>;
  /** Names of at most `limit` lanes, those after a name, in their order, that have jobs parked otherwise than `behind`. */
  lanes(after: string, limit: number): Promise<string[]>;
  /** Cancels at most `limit` of the jobs that were parked before then, as `expired`; their ids. */
  expire(parkedBefore: number, limit: number, now: number): Promise<string[]>;
}

/** More in one transaction would hold others up. */
export const MOST_PARKED_AT_ONCE = 500;
