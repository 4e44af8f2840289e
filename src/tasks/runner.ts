import type { Clock } from "../core/clock.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Pool } from "../engine/working/pool.ts";
import { outcomeOf } from "./outcome-of.ts";
import { runFor } from "./running-job.ts";
import type { TaskContext } from "./task-definition.ts";

/** A handler of any task. */
export type Handler = (input: unknown, context: TaskContext) => unknown;

/** Runs the handler of a task once, wherever that is. */
export interface Runner {
  /** Its attempts begin later than it is called, so it times them out itself. */
  readonly keepsTime: boolean;
  readonly pool?: Pool;
  run(input: unknown, context: TaskContext, timeoutMs: number): Promise<Outcome>;
}

/** Runs a handler in this process, at once. */
export function runHere(handler: Handler, clock: Clock): Runner {
  return {
    keepsTime: false,
    async run(input, context) {
      const returned: unknown = runFor(context.job, () => handler(input, context));
      return outcomeOf(isThenable(returned) ? await returned : returned, clock.now());
    },
  };
}

/** Query builders return something that begins only when it is awaited, and is not a Promise. */
export function isThenable(returned: unknown): returned is PromiseLike<unknown> {
  return (
    typeof returned === "object" &&
    returned !== null &&
    "then" in returned &&
    typeof returned.then === "function"
  );
}
