/**
 * Takes a lane's jobs out of the claim for as long as something holds the lane up. To everyone who looks, they are queued. Jobs that are
 * added to the lane meanwhile become ready as always.
 *
 * Of an ordered lane (`ties.ordered`) only the head is ready, scheduled or leased, or parked for a reason of its own. The others are parked
 * `behind` it, in order of arrival, and the transaction that ends the head lets the next one in.
 */
export interface Parking {
  /** Parks at most `limit` of a lane's ready jobs, earliest due first. Returns how many. */
  park(lane: string, reason: string, limit: number, now: number): Promise<number>;
  /**
   * Lets at most `limit` of a lane's parked jobs back in, earliest due first, with their previous due times. Returns how many.
   * @param reason only jobs parked for this reason. Without one, all except those `behind`, which are only let in when the lane is no
   * longer ordered.
   */
  unpark(lane: string, limit: number, now: number, reason?: string): Promise<number>;
  /** The names of at most `limit` lanes after a given name, in order, with jobs parked for reasons other than `behind`. */
  lanes(after: string, limit: number): Promise<string[]>;
  /** Cancels at most `limit` of the jobs that were parked before this time, as `expired`, and returns their ids. */
  expire(parkedBefore: number, limit: number, now: number): Promise<string[]>;
}

/** More in one transaction would hold others up. */
export const MOST_PARKED_AT_ONCE = 500;

/** The contract's parking, of the two classes that a database has for it. */
export function parkingOf(
  parked: Omit<Parking, "expire">,
  cancellation: { expireParked: Parking["expire"] },
): Parking {
  return {
    park: (lane, reason, limit, now) => parked.park(lane, reason, limit, now),
    unpark: (lane, limit, now, reason) => parked.unpark(lane, limit, now, reason),
    lanes: (after, limit) => parked.lanes(after, limit),
    expire: (before, limit, now) => cancellation.expireParked(before, limit, now),
  };
}
