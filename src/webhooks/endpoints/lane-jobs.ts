import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { JobFilter, JobRecords } from "../../store/job-records.ts";
import type { Store } from "../../store/store.ts";
import { DELIVER_TASK } from "../accept/delivery-options.ts";

export interface LaneJobsParts {
  readonly store: Pick<Store, "byHand">;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

/** As many as the store cancels in one transaction. */
const AT_ONCE = 500;

/** Cancels all that waits in a lane, batch by batch, until nothing is left; how many. */
export async function cancelLane(
  { store, clock, instrument }: LaneJobsParts,
  lane: string,
  reason: string,
  signal?: AbortSignal,
): Promise<number> {
  for (let count = 0; ; await nextTurn()) {
    signal?.throwIfAborted();
    const cancelled = await store.byHand.cancelLane(lane, reason, AT_ONCE, clock.now());
    if (cancelled.length === 0) return count;
    count += tellCancelled(instrument, cancelled);
  }
}

/** Tells this process of those of one batch; how many. */
export function tellCancelled({ "job.cancelled": told }: Instrument, cancelled: readonly string[]): number {
  for (const jobId of cancelled) told.publish({ jobId, task: DELIVER_TASK });
  return cancelled.length;
}

/** The ids of all jobs that match, newest first, in batches of at most `limit`. */
export async function* jobIds(
  records: Pick<JobRecords, "list">,
  filter: JobFilter,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  for (let before: string | undefined; ; await nextTurn()) {
    signal.throwIfAborted();
    const { jobs, searchedTo } = await records.list(filter, {
      limit,
      ...(before !== undefined && { before }),
    });
    const ids = jobs.map(({ id }) => id);
    if (ids.length > 0) yield ids;
    before = searchedTo?.id ?? ids.at(-1);
    if (before === undefined) return;
  }
}
