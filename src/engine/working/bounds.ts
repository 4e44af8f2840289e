/** Of one lane at once, at most; and never more than half of the slots, so that one bad endpoint leaves room for others. */
export const LANE_CONCURRENCY = 32;

/** A lane with a job of a task that nobody handles here is left to other workers for this long. */
export const UNKNOWN_REST_MS = 60_000;

/** What has waited for longer goes back, for workers that have a slot for it: its lane is slower than it was taken for. */
export const LONGEST_WAIT_MS = 1_000;
/** A claim after one that brought what there was no room for: some lanes' jobs need more than a slot, which none tells before. */
export const CAUTIOUS_LIMIT = 4;
export const CAUTION_MS = 100;
/** Payloads in memory; a claim may exceed it by one. */
export const MAX_BYTES_IN_HAND = 32 * 1024 * 1024;
/** Of one claim, so that reading them holds nobody up. */
export const MAX_BYTES_AT_ONCE = 4 * 1024 * 1024;
