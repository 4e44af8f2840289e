import type { JobStatus } from "../core/job.ts";
import { DELIVER_TASK } from "../webhooks/delivery-options.ts";
import { laneOf } from "../webhooks/lane.ts";

/** Which jobs: every given condition has to hold. Times are milliseconds since the epoch. */
export interface JobsFilter<Status extends JobStatus = JobStatus> {
  readonly status?: Status;
  /** Deliveries to this URL; its query is not compared. */
  readonly target?: string;
  readonly createdFrom?: number;
  readonly createdBefore?: number;
}

/** The part that the store's filters have in common. */
export function storeFilter({ target, createdFrom, createdBefore }: JobsFilter) {
  return {
    ...(target !== undefined && { tasks: [DELIVER_TASK], lane: laneOf(new URL(target)) }),
    ...(createdFrom !== undefined && { createdFrom }),
    ...(createdBefore !== undefined && { createdBefore }),
  };
}
