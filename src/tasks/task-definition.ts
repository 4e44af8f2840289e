import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../core/duration.ts";
import type { SettledJob } from "../core/follow-up.ts";
import type { Jsonified } from "../core/jsonified.ts";
import { knownAnywhere } from "../core/known-anywhere.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { Uniqueness } from "../core/ties.ts";
import type { TraceParent } from "../core/trace-parent.ts";
import type { LaneLimits } from "../engine/task.ts";
import type { HandlerLog } from "../observe/handler-log.ts";
import type { HandlerOutcome } from "./outcomes.ts";

/** What a handler is given besides its input. */
export interface TaskContext {
  /** Aborted when the attempt's time is up, the job is cancelled, or the process has to stop now. Pass it on to what you await. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** The job that is running; undefined for a best-effort task, which has none. */
  readonly job: TaskJob | undefined;
  /**
   * Each line carries the task's name, and the job's id when there is one. Takes fields and a message, a message alone, or an
   * error; never throws.
   */
  readonly log: HandlerLog;
  /**
   * Says how far it has come, from 0 to 1, with a note for people. Shown by the API; kept at most a few times a second. Never
   * throws: what is below 0 or above 1 counts as that, and what is not a number is left out, with one warning.
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
  /**
   * The moment of its schedule that it was made for, also when it is made up for later; undefined for a job that no schedule made.
   */
  readonly scheduledFor: Date | undefined;
  /**
   * Its place in a distributed trace, for what it calls: its own span where the program traces (OpenTelemetry), or else what it was
   * enqueued with.
   */
  readonly trace: TraceParent | undefined;
}

/** The pauses between failed attempts: given one by one (the last repeats), or growing by a factor up to the longest. */
export type Backoff =
  | { readonly delays: readonly Duration[]; readonly jitter?: number }
  | {
      /** The pause after the first failure. */
      readonly initial: Duration;
      /** Each pause is this many times the one before. Default 2. */
      readonly factor?: number;
      /** No pause is longer. Default 1 hour. */
      readonly max?: Duration;
      /** The share by which a pause is varied at random, up and down. Default 0.2. */
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
   * Jobs that run at once. Without it, one lane takes no more than half of a worker's slots, and 32 at most, so that others find
   * room.
   */
  readonly concurrency?: number;
  /** Jobs that begin in a span of time, of at most a day. Default: no limit. */
  readonly rate?: { readonly limit: number; readonly per: Duration };
}

/** A function of a task's input. Declared as a method, so that tasks of all inputs fit one list: their schemas check at run time. */
type FromInput<Input, Output> = { of(input: Input): Output }["of"];

/** What `task` takes besides `input`. Durations are milliseconds, or strings such as `"30s"`. */
export interface TaskOptions<Input, Result> {
  /** How many attempts may fail, and the pauses between them. */
  readonly retry?: RetryOptions;
  /** For one attempt, in wall-clock time; then its signal is aborted. Default 15 minutes, from 100 ms to 7 days. */
  readonly timeout?: Duration;
  /** Not before this long after it was enqueued. Default 0, at most a year. */
  readonly delay?: Duration;
  /** Lower runs first. Default 0, from -100 to 100. */
  readonly priority?: number;
  /** What shares fate: workers take turns between lanes, and limits apply to each. 1 to 255 characters. Default: the task's name. */
  readonly lane?: string | FromInput<Input, string>;
  /** The limits of each lane, across all workers. Default: only the share of a worker's slots that a lane may take. */
  readonly limits?: LaneLimitOptions;
  /** At most one live job of the task has this key, of 1 to 255 characters; enqueueing another returns the live one's id. Default: none. */
  readonly key?: FromInput<Input, string | undefined>;
  /**
   * What a key is unique among. `live`: queued and running jobs, so what is enqueued while one runs is left out. `queued`: a running job
   * does not count, and another is queued alongside it, which may run at the same time. `again`: as `live`, but once the running job has
   * ended, one more is made, with the input that came last. Default `live`.
   */
  readonly unique?: Uniqueness;
  /** How long a finished job is kept. Default: as long as the database keeps jobs. */
  readonly retention?: Duration;
  /** The task enqueued when a job has ended, however it ended; its input says how. */
  readonly onSettled?: TaskTaking<SettledJob>;
  /** Runs the handler in a thread: a module's URL (`import.meta.resolve("./heavy.ts")`) whose default export is the handler. */
  readonly thread?: string;
  /** The handler. Leave it out if producers import the definition, and supply it with `posthorn.work`. */
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
 * A kind of work: a name, its input, its handler. Defining one does nothing by itself; `posthorn.enqueue` enqueues it, and
 * `BackgroundTasks.add` adds it.
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
  /** For the compiler only, which tells tasks apart by what they take; never present at run time. */
  declare readonly takes?: FromInput<Given, void>;
  /** For the compiler only, as `takes`: what its handler returns. */
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

/** What `enqueue` takes for a task. */
export type InputOf<Definition> =
  Definition extends TaskDefinition<infer Given, infer _, infer __> ? Given : never;

/** What a task's handler returns, as a finished job has it: as JSON. */
export type ResultOf<Definition> =
  Definition extends TaskDefinition<infer _, infer __, infer Result> ? Jsonified<Result> : never;
