import type { Changed, RerunBatch, RerunFilter } from "./job-records.ts";
import type { Call } from "./shelves/tables/session.ts";

/** Changes that people make to jobs by hand. The audit entry is written in the same transaction, if anything changes. */
export interface ByHand {
  /** Queues a failed or cancelled job again, due now, with its full number of attempts. Undefined if there is no such job. */
  rerun(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined>;
  /** `rerun` for at most `limit` matching jobs, oldest first. A job whose key a live job has stays as it is, and is not counted. */
  rerunMany(filter: RerunFilter, limit: number, now: number): Promise<RerunBatch>;
  /** Makes a job due now that is queued for later, without changing its attempts. Undefined if there is no such job. */
  runNow(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined>;
  /** Cancels a live job; whatever its worker still reports is ignored. Undefined if there is no such job. */
  cancel(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined>;
  /** Cancels the waiting ones among these jobs (at most 500), with this reason, and returns their ids. Running ones are left to end. */
  cancelWaiting(jobIds: readonly string[], reason: string, now: number): Promise<string[]>;
  /** Cancels at most `limit` of a lane's waiting jobs, with this reason, and returns their ids. Running ones are left to end. */
  cancelLane(lane: string, reason: string, limit: number, now: number): Promise<string[]>;
}

/** The contract's changes by hand, of the two classes that a database has for them. */
export function byHandOf(
  reruns: Pick<ByHand, "rerun" | "rerunMany" | "runNow">,
  cancellation: Omit<ByHand, "rerun" | "rerunMany" | "runNow">,
): ByHand {
  return {
    rerun: (jobId, now, audit) => reruns.rerun(jobId, now, audit),
    rerunMany: (filter, limit, now) => reruns.rerunMany(filter, limit, now),
    runNow: (jobId, now, audit) => reruns.runNow(jobId, now, audit),
    cancel: (jobId, now, audit) => cancellation.cancel(jobId, now, audit),
    cancelWaiting: (jobIds, reason, now) => cancellation.cancelWaiting(jobIds, reason, now),
    cancelLane: (lane, reason, limit, now) => cancellation.cancelLane(lane, reason, limit, now),
  };
}
