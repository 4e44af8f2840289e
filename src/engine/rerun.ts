import type { ByHand, Changed } from "../store/job-records.ts";

/** Queues a failed or cancelled job again, and makes one that is queued for later due now; undefined when there is no such job. */
export async function rerunOrRunNow(
  byHand: Pick<ByHand, "rerun" | "runNow">,
  jobId: string,
  now: number,
): Promise<Changed | undefined> {
  const done = await byHand.rerun(jobId, now);
  if (done?.from !== "queued") return done;
  const due = await byHand.runNow(jobId, now);
  return due?.from === "queued" ? { from: "queued", changed: true } : due; // one that was due already is as it was asked to be
}
