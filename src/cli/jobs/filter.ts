import { ConfigurationError } from "../../core/errors.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import { DELIVER_TASK } from "../../webhooks/accept/delivery-options.ts";
import { laneOfUrl } from "../../webhooks/accept/lane.ts";

/** Which jobs: every condition given has to be met. Times are milliseconds since the epoch. */
export interface JobsFilter {
  /** Jobs of this task. */
  readonly task?: string;
  /** Deliveries to this URL; its query is not compared. */
  readonly target?: string;
  readonly createdFrom?: number;
  readonly createdBefore?: number;
}

/**
 * The part that the store's filters have in common.
 * @throws ConfigurationError for a target together with a task that has no targets.
 */
export function storeFilter({ task, target, createdFrom, createdBefore }: JobsFilter) {
  if (target !== undefined && task !== undefined && task !== DELIVER_TASK) {
    throw new ConfigurationError(
      `only jobs of ${DELIVER_TASK} have a --target; leave out --target or --task ${task}`,
    );
  }
  return {
    ...(task !== undefined && { tasks: [task] }),
    ...(target !== undefined && { tasks: [DELIVER_TASK], lane: laneOfUrl(new URL(target)) }),
    ...withoutUndefined({ createdFrom, createdBefore }),
  };
}
