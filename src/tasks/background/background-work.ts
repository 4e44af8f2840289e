import { AsyncResource } from "node:async_hooks";
import { ConfigurationError } from "../../core/errors.ts";
import { checkInputNow } from "../check-input-now.ts";
import type { TaskContext, TaskDefinition } from "../task-definition.ts";

/** Shown to those who look at async hooks. */
const ASYNC_TYPE = "PosthornBackgroundTask";

/** Something to be run once, after the response. */
export interface BackgroundWork {
  /** The task's name, or the function's. */
  readonly name: string;
  readonly timeoutMs: number;
  run(context: TaskContext): unknown;
  /**
   * The async context of the route that added the work: in its scope AsyncLocalStorage gives the handler what it gave the route,
   * and never what it gives another request.
   */
  readonly scope: AsyncResource;
}

/**
 * @throws InvalidInputError naming the fields when the input does not fit the task's schema.
 * @throws ConfigurationError when the task cannot be run here: no handler, one in a thread, a schema that takes its time.
 */
export function workOfTask(definition: TaskDefinition, input: unknown): BackgroundWork {
  const { name, options, checked } = definition;
  const { run } = options;
  if (!run) throw new ConfigurationError(`task ${name} has no handler here: ${whyNoHandler(options.thread)}`);
  const value = checkInputNow(definition, input);
  return {
    name,
    timeoutMs: checked.timeoutMs,
    run: (context) => run.call(options, value, context),
    scope: new AsyncResource(ASYNC_TYPE),
  };
}

function whyNoHandler(thread: string | undefined): string {
  return thread === undefined
    ? "best effort runs in this process, so its definition needs `run`"
    : "threads run jobs only, so enqueue it, or give its definition `run`";
}

/** @throws ConfigurationError for what is no function: `add(warmCache("42"))` gives what it returned, and has begun by then. */
export function workOfFunction<Args extends readonly unknown[]>(
  action: (...args: Args) => unknown,
  args: Args,
  timeoutMs: number,
): BackgroundWork {
  if (typeof action !== "function")
    throw new ConfigurationError(
      "pass a task or a function, followed by its input or arguments: add(send, id), not add(send(id))",
    );
  return {
    name: action.name || "anonymous function",
    timeoutMs,
    run: () => action(...args),
    scope: new AsyncResource(ASYNC_TYPE),
  };
}
