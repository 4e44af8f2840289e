import { JobStateError } from "../core/errors.ts";
import type { JobStatus } from "../core/job.ts";
import type { Changed } from "../store/job-records.ts";

/** Why a job was not queued again; undefined when it was. */
export function rerunRefusal({ changed, from, keyHolder }: Changed): JobStateError | undefined {
  if (keyHolder !== undefined)
    return new JobStateError(
      `its key is taken by the live job ${keyHolder}; cancel that one, or wait for it to end`,
    );
  if (changed) return undefined;
  return new JobStateError(`the job ${stateOf(from)}; only failed or cancelled jobs can be queued again`);
}

/** Why a job was not cancelled; undefined when it was. */
export function cancelRefusal({ changed, from }: Changed): JobStateError | undefined {
  if (changed) return undefined;
  return new JobStateError(`the job ${stateOf(from)} already; only queued or running jobs can be cancelled`);
}

function stateOf(status: JobStatus): string {
  return status === "succeeded" || status === "failed" ? `has ${status}` : `is ${status}`;
}
