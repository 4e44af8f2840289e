/**
 * A lane's jobs out of the claim, for as long as something holds the lane up: to everyone who looks they are queued. What
 * comes to the lane meanwhile is ready as always.
 */
export interface Parking {
  /** Parks at most `limit` of a lane's ready jobs, those due first first; how many. */
  park(lane: string, reason: string, limit: number, now: number): Promise<number>;
  /** Lets at most `limit` of a lane's parked jobs back in, those due first first, due when they were before; how many. */
  unpark(lane: string, limit: number, now: number): Promise<number>;
}

/** More in one transaction would hold others up. */
export const MOST_PARKED_AT_ONCE = 500;
