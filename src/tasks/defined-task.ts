import { InvalidInputError, messageOf } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { LimitsOf, RunContext, Task } from "../engine/task.ts";
import type { Pool } from "../engine/working/pool.ts";
import type { LeasedJob } from "../store/queue.ts";
import { checkInput } from "./check-input.ts";
import { parseJobOptions } from "./job-options.ts";
import type { Runner } from "./runner.ts";
import type { TaskContext, TaskDefinition } from "./task-definition.ts";

/** A definition and its handler, in the form that the engine runs. */
export class DefinedTask implements Task {
  readonly name: string;
  readonly limitsOf: LimitsOf | undefined;
  readonly pool: Pool | undefined;
  readonly #definition: TaskDefinition;
  readonly #runner: Runner;

  constructor(definition: TaskDefinition, runner: Runner) {
    this.name = definition.name;
    const { laneLimits } = definition.checked;
    this.limitsOf = laneLimits && (() => laneLimits);
    this.pool = runner.pool;
    this.#definition = definition;
    this.#runner = runner;
  }

  retryPolicy(job: LeasedJob): RetryPolicy {
    return parseJobOptions(job.options).retry ?? this.#definition.checked.retry;
  }

  timeoutMs(job: LeasedJob): number {
    return this.#runner.keepsTime ? Number.POSITIVE_INFINITY : this.#timeoutOf(job);
  }

  async run(job: LeasedJob, context: RunContext): Promise<Outcome> {
    let input: unknown;
    try {
      input = await checkInput(this.#definition.schema, JSON.parse(job.payload));
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      // the job may come from a newer release than this worker: during a deploy, a later attempt meets its own release
      return {
        kind: "failed",
        error: `the stored input does not fit the task here: ${messageOf(error)}`,
        retry: true,
      };
    }
    return this.#runner.run(input, contextOf(job, context), this.#timeoutOf(job));
  }

  #timeoutOf(job: LeasedJob): number {
    return parseJobOptions(job.options).timeoutMs ?? this.#definition.checked.timeoutMs;
  }
}

function contextOf(job: LeasedJob, context: RunContext): TaskContext {
  return {
    get signal() {
      return context.signal;
    },
    attempt: context.attempt,
    job: {
      id: job.id,
      task: job.task,
      lane: job.lane,
      key: job.ties?.key,
      groupId: job.ties?.groupId,
      maxAttempts: job.maxAttempts,
      createdAt: new Date(job.createdAt),
      scheduledFor: job.origin?.scheduledFor === undefined ? undefined : new Date(job.origin.scheduledFor),
      trace: context.trace,
    },
    get log() {
      return context.log;
    },
    progress: (fraction, note) => context.progress(fraction, note),
  };
}
