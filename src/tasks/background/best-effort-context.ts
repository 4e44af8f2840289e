import { type HandlerLog, handlerLog } from "../../observe/handler-log.ts";
import type { Log } from "../../observe/log.ts";
import type { TaskContext } from "../task-definition.ts";

/** What a best-effort handler is given: one attempt, no job. Signal and log are made on demand, because most handlers use neither. */
export class BestEffortContext implements TaskContext {
  readonly attempt = 1;
  readonly job = undefined;
  readonly #task: string;
  readonly #runnersLog: Log;
  #log: HandlerLog | undefined;
  #abort: AbortController | undefined;
  #reason: Error | undefined;

  constructor(task: string, log: Log) {
    this.#task = task;
    this.#runnersLog = log;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#reason) this.#abort.abort(this.#reason);
    return this.#abort.signal;
  }

  get log(): HandlerLog {
    this.#log ??= handlerLog(this.#runnersLog, { task: this.#task });
    return this.#log;
  }

  /** Nobody can look it up: there is no job. */
  progress(): void {}

  /** Tells the handler to stop, and why. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#abort?.abort(reason);
  }
}
