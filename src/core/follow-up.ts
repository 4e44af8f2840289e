import { newId } from "./id.ts";
import type { JobStatus } from "./job.ts";
import type { FollowUp } from "./ties.ts";

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

/** A job that is due at once; its input is what became of another job, or of a group. */
export function followUpJob(followUp: FollowUp, input: SettledJob | SettledGroup, now: number) {
  return {
    ...followUp,
    id: newId("job", now),
    payload: JSON.stringify(input),
    createdAt: now,
    runAt: now,
  };
}
