import { HandlerContext } from "../../engine/working/handler-context.ts";
import type { Log, LogFields } from "../../observe/log.ts";
import type { TaskContext } from "../task-definition.ts";

/** What a best-effort handler is given: one attempt, no job. */
export class BestEffortContext extends HandlerContext implements TaskContext {
  readonly attempt = 1;
  readonly job = undefined;
  readonly #task: string;

  constructor(task: string, log: Log) {
    super(log);
    this.#task = task;
  }

  protected get logFields(): LogFields {
    return { task: this.#task };
  }

  /** It cannot be looked up, because there is no job. */
  progress(): void {}
}
