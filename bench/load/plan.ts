/** What is asked of a system, and by how many at once. */
export interface LoadPlan {
  /** Requests a second, at fixed moments, whatever the answers do: an open loop. Without it, each answer brings the next request. */
  readonly rate?: number;
  /** How long requests are sent, unless `count` ends it first. */
  readonly seconds: number;
  /** Latency does not count for requests that are due before this: the system is still getting up to speed. */
  readonly warmUpSeconds: number;
  /** This many requests and no more: a burst. */
  readonly count?: number;
  /** Requests at once; in an open loop, the most. */
  readonly connections: number;
  /** The approximate size of the request's body. */
  readonly bytes: number;
  /** Spread over this many targets. */
  readonly targets: number;
  /** This share of the requests goes to one more target, which takes `slowMs` to answer. */
  readonly slowShare: number;
  readonly slowMs: number;
  /** How long to wait, after the last request, for what was accepted. */
  readonly drainSeconds: number;
  /** This many deliveries were put into the database beforehand, and may come as well. */
  readonly seeded: number;
}

export const PLAIN_LOAD: LoadPlan = {
  seconds: 6,
  warmUpSeconds: 0,
  connections: 64,
  bytes: 300,
  targets: 1,
  slowShare: 0,
  slowMs: 0,
  drainSeconds: 180,
  seeded: 0,
};
