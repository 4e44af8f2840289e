import { parseDuration } from "../core/duration.ts";
import { InvalidInputError, messageOf } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { LaneLimits, RunContext, Task } from "../engine/task.ts";
import type { LeasedJob } from "../store/store.ts";
import { checkInput } from "./check-input.ts";
import { parseJobOptions } from "./job-options.ts";
import { Discard, RetryAt, Snooze } from "./outcomes.ts";
import type { TaskContext, TaskDefinition } from "./task-definition.ts";

/** A handler of any task. */
export type Handler = (input: unknown, context: TaskContext) => unknown;

/** Results are kept with their jobs, and shown with them: what is larger belongs elsewhere, with its address as the result. */
const LONGEST_RESULT = 262_144;

/** A definition and its handler, as the engine runs them. */
export class DefinedTask implements Task {
  readonly name: string;
  readonly laneLimits: LaneLimits | undefined;
  readonly #definition: TaskDefinition;
  readonly #handler: Handler;

  constructor(definition: TaskDefinition, handler: Handler) {
    this.name = definition.name;
    this.laneLimits = definition.checked.laneLimits;
    this.#definition = definition;
    this.#handler = handler;
  }

  retryPolicy(job: LeasedJob): RetryPolicy {
    return parseJobOptions(job.options).retry ?? this.#definition.checked.retry;
  }

  timeoutMs(job: LeasedJob): number {
    return parseJobOptions(job.options).timeoutMs ?? this.#definition.checked.timeoutMs;
  }

  async run(job: LeasedJob, context: RunContext): Promise<Outcome> {
    let input: unknown;
    try {
      input = await checkInput(this.#definition.schema, JSON.parse(job.payload));
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      return {
        kind: "failed",
        error: `the stored input no longer fits the task: ${messageOf(error)}`,
        retry: false,
      };
    }
    const returned: unknown = this.#handler(input, contextOf(job, context));
    return outcomeOf(returned instanceof Promise ? await returned : returned);
  }
}

function contextOf(job: LeasedJob, context: RunContext): TaskContext {
  return {
    signal: context.signal,
    attempt: context.attempt,
    job: {
      id: job.id,
      task: job.task,
      lane: job.lane,
      key: job.ties?.key,
      groupId: job.ties?.groupId,
      maxAttempts: job.maxAttempts,
      createdAt: new Date(job.createdAt),
    },
    get log() {
      return context.log;
    },
    progress: (fraction, note) => context.progress(fraction, note),
  };
}

function outcomeOf(returned: unknown): Outcome {
  if (returned instanceof Discard) return { kind: "failed", error: returned.reason, retry: false };
  if (returned instanceof Snooze) return { kind: "snoozed", forMs: parseDuration(returned.duration) };
  if (returned instanceof RetryAt) {
    const { when, reason } = returned;
    const retryInMs = when instanceof Date ? Math.max(0, when.getTime() - Date.now()) : parseDuration(when);
    return { kind: "failed", error: reason, retry: true, retryInMs };
  }
  if (returned === undefined) return { kind: "succeeded" };
  return resultOf(returned);
}

/** The work is done, so a result that cannot be kept is no reason to do it again. */
function resultOf(returned: unknown): Outcome {
  let result: string | undefined;
  try {
    result = JSON.stringify(returned);
  } catch (error) {
    return lost(`it cannot be written as JSON: ${messageOf(error)}`);
  }
  if (result === undefined) return lost(`a ${typeof returned} cannot be written as JSON`);
  if (result.length > LONGEST_RESULT) {
    return lost(
      `it is ${result.length} characters long, more than ${LONGEST_RESULT}; keep it elsewhere and return where`,
    );
  }
  return { kind: "succeeded", result };
}

function lost(why: string): Outcome {
  return {
    kind: "failed",
    error: `the handler ended, but its result could not be kept: ${why}`,
    retry: false,
  };
}
