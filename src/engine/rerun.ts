import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import type { ByHand } from "../store/by-hand.ts";
import type { Changed, RerunFilter } from "../store/job-records.ts";
import type { Call } from "../store/shelves/tables/session.ts";

/** Few enough that one batch holds the database for only milliseconds. */
const BATCH = 500;

/** Queues a failed or cancelled job again, and makes one that is queued for later due now; undefined when there is no such job. */
export async function rerunOrRunNow(
  byHand: Pick<ByHand, "rerun" | "runNow">,
  jobId: string,
  now: number,
  audit?: Call<unknown>,
): Promise<Changed | undefined> {
  const done = await byHand.rerun(jobId, now, audit);
  if (done?.from !== "queued") return done;
  const due = await byHand.runNow(jobId, now, audit);
  return due?.from === "queued" ? { from: "queued", changed: true } : due; // a job that is due already needs no change
}

/** Queues all jobs again that match, batch by batch, until none is left or `signal` is aborted. */
export async function rerunInBatches(
  byHand: Pick<ByHand, "rerunMany">,
  filter: Omit<RerunFilter, "after">,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly count: number; readonly finished: boolean }> {
  let count = 0;
  for (let after: string | undefined; !signal.aborted; ) {
    const page = after === undefined ? filter : { ...filter, after };
    const batch = await byHand.rerunMany(page, BATCH, clock.now());
    count += batch.rerun;
    if (batch.last === null) return { count, finished: true };
    after = batch.last;
    await nextTurn(); // lets other work of the process run, and signals arrive
  }
  return { count, finished: false };
}
