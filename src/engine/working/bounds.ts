/** Of one lane at once, at most; and never more than half of the slots, so that one bad endpoint leaves room for others. */
export const LANE_CONCURRENCY = 32;

/** A lane with a job of a task that nobody handles here is left to other workers for this long. */
export const UNKNOWN_REST_MS = 60_000;

/** What has waited for longer goes back, for workers that have a slot for it: its lane is slower than it was taken for. */
export const LONGEST_WAIT_MS = 1_000;
/**
 * The size of a claim after one that brought jobs without room for them: some lanes' jobs need more than a slot, which is only known once
 * they are claimed.
 */
export const CAUTIOUS_LIMIT = 4;
export const CAUTION_MS = 100;
/** The most payload in memory; a claim may exceed it by one job. */
export const MAX_BYTES_IN_HAND = 32 * 1024 * 1024;
/** The most payload in one claim, so that reading it holds nothing up. */
export const MAX_BYTES_AT_ONCE = 4 * 1024 * 1024;
