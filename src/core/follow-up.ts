import { newId } from "./id.ts";
import type { JobStatus } from "./job.ts";
import type { FollowUp } from "./ties.ts";
import type { Ended, Transition } from "./transition.ts";

/** The input of a job's `onSettled` task. */
export interface SettledJob {
  readonly jobId: string;
  readonly task: string;
  readonly status: Extract<JobStatus, "succeeded" | "failed" | "cancelled">;
  readonly attempts: number;
  /** What the handler returned; null unless it succeeded. */
  readonly result: unknown;
  /** What the last attempt failed with; null unless it failed. */
  readonly error: string | null;
}

/** The input of a group's `onSettled` task. */
export interface SettledGroup {
  readonly groupId: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** The input of a follow-up, which says how the job ended. */
export function settledJob(
  { id: jobId, task }: { readonly id: string; readonly task: string },
  { attempts, next }: Transition<Ended>,
): SettledJob {
  const result: unknown =
    next.status === "succeeded" && next.result !== null ? JSON.parse(next.result) : null;
  const error = next.status === "failed" ? next.error : null;
  return { jobId, task, status: next.status, attempts, result, error };
}

/** Creates a follow-up job, due at once, whose input says how another job or a group ended. */
export function followUpJob(followUp: FollowUp, input: SettledJob | SettledGroup, now: number) {
  return {
    ...followUp,
    id: newId("job", now),
    payload: JSON.stringify(input),
    createdAt: now,
    runAt: now,
  };
}
