import type { Clock } from "../core/clock.ts";
import { ConfigurationError } from "../core/errors.ts";
import { ProgressReporter } from "../engine/working/progress-reporter.ts";
import { handlerLog } from "../observe/handler-log.ts";
import type { Log } from "../observe/log.ts";
import { checkInput } from "../tasks/check-input.ts";
import { newJobOf } from "../tasks/new-job.ts";
import type { Handler } from "../tasks/runner.ts";
import type { TaskContext, TaskDefinition } from "../tasks/task-definition.ts";
import { handlerIn } from "../tasks/threads/handler-in.ts";

/** How `runNow` calls a handler. */
export interface RunNowOptions {
  /** The number of the attempt, as the handler sees it. Default 1. */
  readonly attempt?: number;
  /** The handler's signal. Default: one that is never aborted. */
  readonly signal?: AbortSignal;
}

/** What a handler is called with besides its input. */
export interface RunNowParts {
  readonly clock: Clock;
  readonly log: Log;
  /** For a task whose definition came without its handler. */
  readonly handlerOf: (name: string) => Handler | undefined;
}

/** Calls a task's handler once, in this thread and without a job in the database. Resolves and rejects as the handler does. */
export async function runNow(
  task: TaskDefinition,
  given: unknown,
  { attempt = 1, signal = new AbortController().signal }: RunNowOptions,
  { clock, log, handlerOf }: RunNowParts,
): Promise<unknown> {
  const { id, lane, maxAttempts, createdAt, ties, payload } = await newJobOf(task, given, {}, clock.now());
  const input = await checkInput(task.schema, JSON.parse(payload));
  const handler = handlerOf(task.name) ?? (await ownHandler(task));
  const ownLog = handlerLog(log, { job: id, task: task.name, attempt });
  const reporter = new ProgressReporter(clock, ownLog, () => {});
  const context: TaskContext = {
    signal,
    attempt,
    job: {
      id,
      task: task.name,
      lane,
      key: ties?.key,
      groupId: undefined,
      maxAttempts,
      createdAt: new Date(createdAt),
      scheduledFor: undefined,
      trace: undefined,
    },
    log: ownLog,
    progress: (fraction, note) => reporter.report(fraction, note),
  };
  try {
    return await handler(input, context);
  } finally {
    reporter.stop();
  }
}

async function ownHandler({ name, options }: TaskDefinition): Promise<Handler> {
  const { run, thread } = options;
  if (run) return (input, context) => run.call(options, input, context);
  const handler = thread === undefined ? undefined : await handlerIn(thread);
  if (handler) return handler;
  throw new ConfigurationError(`task ${name} has no handler here; give it with posthorn.work`);
}
