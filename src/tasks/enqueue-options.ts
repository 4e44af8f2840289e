import type { Duration } from "../core/duration.ts";
import type { SettledJob } from "../core/follow-up.ts";
import type { Uniqueness } from "../core/ties.ts";
import type { TraceParent } from "../core/traces/trace-parent.ts";
import type { RetryOptions, TaskDefinition, TaskTaking } from "./task-definition.ts";

/** Options of one job. Each defaults to the task's own. */
export interface EnqueueOptions {
  readonly retry?: RetryOptions;
  /** For one attempt: from 100 ms to 7 days. */
  readonly timeout?: Duration;
  /** Not before this long from now, at most a year. Give `delay` or `runAt`, not both. */
  readonly delay?: Duration;
  /** Not before this time: a Date or RFC 3339, at most a year ahead; at once if it has passed. */
  readonly runAt?: Date | string;
  /** Lower runs first, from -100 to 100. */
  readonly priority?: number;
  /** 1 to 255 characters. */
  readonly lane?: string;
  /**
   * Deduplication key, 1 to 255 characters: if a queued or running job of the task has it, that job's id is returned and no job is created.
   */
  readonly key?: string;
  /** Which jobs `key` is unique among, as in the task's option. Requires a key. */
  readonly unique?: Uniqueness;
  /** How long the job is kept once it has ended. */
  readonly retention?: Duration;
  /** The task to enqueue when the job has ended. Its input says how the job ended. */
  readonly onSettled?: TaskTaking<SettledJob>;
  /** To find it by, such as `order:42`: at most 10 of at most 128 letters, digits, `-`, `_`, `.`, `/`, `\\`, `#`, `:` and `+`. */
  readonly tags?: readonly string[];
  /** The id of a job that this one is a copy of, such as one that was sent again by hand; shown with it. It may be gone. */
  readonly copyOf?: string;
  /** Its place in a distributed trace. Default: the span that is active, where the program traces (OpenTelemetry). */
  readonly trace?: TraceParent;
}

/** One job to enqueue with others; `request` creates it. */
export interface TaskRequest {
  readonly task: TaskDefinition;
  readonly input: unknown;
  readonly options: EnqueueOptions;
}

/**
 * One job of many, for `posthorn.enqueueMany`.
 * @example
 * await posthorn.enqueueMany(orders.map(({ id }) => request(sendReceipt, { orderId: id })), { onSettled: allSent });
 */
export function request<Given, Input, Result>(
  task: TaskDefinition<Given, Input, Result>,
  input: Given,
  options: EnqueueOptions = {},
): TaskRequest {
  return { task: task as unknown as TaskDefinition, input, options }; // the compiler has checked the type of `input`; its schema checks it from here on
}
