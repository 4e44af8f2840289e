import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../core/duration.ts";
import type { SettledJob } from "../core/follow-up.ts";
import type { Jsonified } from "../core/json/jsonified.ts";
import { knownAnywhere } from "../core/known-anywhere.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { Uniqueness } from "../core/ties.ts";
import type { TraceParent } from "../core/traces/trace-parent.ts";
import type { LaneLimits } from "../engine/task.ts";
import type { HandlerLog } from "../observe/handler-log.ts";
import type { HandlerOutcome } from "./outcomes.ts";

/** What a handler gets besides its input. */
export interface TaskContext {
  /** Aborted when the attempt times out, the job is cancelled, or the process has to stop. Pass it to whatever you await. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** The job that is running; undefined for a best-effort task, which has no job. */
  readonly job: TaskJob | undefined;
  /**
   * Each line carries the task's name, and the job's id when there is one. Takes fields and a message, a message alone, or an
   * error; never throws.
   */
  readonly log: HandlerLog;
  /**
   * Reports progress: a fraction from 0 to 1, and a note for people. The API shows it; it is saved a few times a second at most. Never
   * throws: a fraction below 0 counts as 0, one above 1 as 1, and anything that is not a number is ignored, with one warning.
   */
  progress(fraction: number, note?: string): void;
}

/** The job that a handler runs for. */
export interface TaskJob {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly key: string | undefined;
  readonly groupId: string | undefined;
  readonly maxAttempts: number;
  readonly createdAt: Date;
  /** The scheduled time that it was created for, even if it is made up for later; undefined if no schedule created it. */
  readonly scheduledFor: Date | undefined;
  /**
   * Its place in a distributed trace, to pass on to what it calls: its own span if the program uses OpenTelemetry, or else the trace that
   * it was enqueued with.
   */
  readonly trace: TraceParent | undefined;
}

/** The pauses between failed attempts: a list (the last one repeats), or pauses that grow by a factor up to a maximum. */
export type Backoff =
  | { readonly delays: readonly Duration[]; readonly jitter?: number }
  | {
      /** The pause after the first failure. */
      readonly initial: Duration;
      /** Each pause is this many times the one before. Default 2. */
      readonly factor?: number;
      /** The longest pause. Default 1 hour. */
      readonly max?: Duration;
      /** The fraction by which a pause varies at random, up and down. Default 0.2. */
      readonly jitter?: number;
    };

export interface RetryOptions {
  /** How many attempts may fail before the job does. Default 5, from 1 to 1000. */
  readonly attempts?: number;
  /** Default: 5 s, doubling up to 1 h, ±20 %. */
  readonly backoff?: Backoff;
}

/** The limits of each lane of a task, across all workers of a fleet: each worker takes its share. */
export interface LaneLimitOptions {
  /**
   * How many of the lane's jobs run at once. Without it, a lane takes at most half of a worker's slots, and at most 32, to leave room for
   * others.
   */
  readonly concurrency?: number;
  /** How many jobs may start in a period, which is at most a day. Default: no limit. */
  readonly rate?: { readonly limit: number; readonly per: Duration };
}

/** A function of a task's input. Declared as a method, so that tasks of all inputs fit one list: their schemas check at run time. */
type FromInput<Input, Output> = { of(input: Input): Output }["of"];

/** What `task` takes besides `input`. Durations are milliseconds, or strings such as `"30s"`. */
export interface TaskOptions<Input, Result> {
  /** How many attempts may fail, and the pauses between them. */
  readonly retry?: RetryOptions;
  /** How long one attempt may take (wall-clock time) before its signal is aborted. Default 15 minutes, from 100 ms to 7 days. */
  readonly timeout?: Duration;
  /** How long after being enqueued it may start. Default 0, at most a year. */
  readonly delay?: Duration;
  /** Lower runs first. Default 0, from -100 to 100. */
  readonly priority?: number;
  /**
   * The lane of its jobs, 1 to 255 characters: jobs in one lane share its `limits`, and workers take turns between lanes. A string, or a
   * function of the input. Default: the task's name.
   */
  readonly lane?: string | FromInput<Input, string>;
  /** The limits of each lane, across all workers. Default: only the share of a worker's slots that a lane may take. */
  readonly limits?: LaneLimitOptions;
  /**
   * Returns a job's deduplication key, 1 to 255 characters: while a queued or running job of the task has it, enqueueing another returns
   * that job's id. Default: none.
   */
  readonly key?: FromInput<Input, string | undefined>;
  /**
   * Which jobs a key is unique among. `live`: queued and running jobs, so what is enqueued while one runs is left out. `queued`: queued
   * jobs only, so another job is queued alongside a running one, and may run at the same time. `again`: like `live`, but once the running
   * job has ended, one more is created, with the latest input. Default `live`.
   */
  readonly unique?: Uniqueness;
  /** How long a finished job is kept. Default: as long as the database keeps jobs. */
  readonly retention?: Duration;
  /** The task to enqueue when a job has ended, whatever the outcome. Its input says how the job ended. */
  readonly onSettled?: TaskTaking<SettledJob>;
  /** Runs the handler in a thread: a module's URL (`import.meta.resolve("./heavy.ts")`) whose default export is the handler. */
  readonly thread?: string;
  /** The handler. If producers import the definition, leave it out and supply it with `posthorn.work`. */
  run?(input: Input, context: TaskContext): Result | HandlerOutcome | Promise<Result | HandlerOutcome>;
}

/** A task's options in the engine's units, with defaults filled in. */
export interface CheckedTaskOptions {
  readonly maxAttempts: number;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly delayMs: number;
  readonly priority: number;
  readonly laneLimits: LaneLimits | undefined;
  readonly retainMs: number | undefined;
  readonly unique: Uniqueness;
}

/**
 * A kind of work: a name, its input, its handler. Defining a task does nothing by itself: pass it to `posthorn.enqueue` or
 * `BackgroundTasks.add`.
 */
export class TaskDefinition<Given = unknown, Input = Given, Result = unknown> {
  static {
    knownAnywhere(TaskDefinition, "TaskDefinition");
  }

  readonly name: string;
  /** Checks an input when it is enqueued, and again when it is run: a job may be older than the schema. */
  readonly schema: StandardSchemaV1<Given, Input> | undefined;
  readonly options: TaskOptions<Input, Result>;
  readonly checked: CheckedTaskOptions;
  /** For the compiler only, to tell tasks apart by their input; never present at run time. */
  declare readonly takes?: FromInput<Given, void>;
  /** For the compiler only, like `takes`: what the handler returns. */
  declare readonly gives?: Result;

  constructor(
    name: string,
    schema: StandardSchemaV1<Given, Input> | undefined,
    options: TaskOptions<Input, Result>,
    checked: CheckedTaskOptions,
  ) {
    this.name = name;
    this.schema = schema;
    this.options = options;
    this.checked = checked;
  }
}

/** Any task that accepts this input, whatever its result. */
export interface TaskTaking<Given> extends Pick<TaskDefinition<never, never>, "name" | "checked"> {
  readonly options: { readonly lane?: unknown };
  readonly takes?: (given: Given) => void;
}

/** The input that `enqueue` takes for a task. */
export type InputOf<Definition> =
  Definition extends TaskDefinition<infer Given, infer _, infer __> ? Given : never;

/** The result of a task's handler, as a finished job has it: after a round trip through JSON. */
export type ResultOf<Definition> =
  Definition extends TaskDefinition<infer _, infer __, infer Result> ? Jsonified<Result> : never;
