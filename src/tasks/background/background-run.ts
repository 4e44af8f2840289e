import type { Clock } from "../../core/clock.ts";
import { TaskGaveUpError, TaskTimeoutError } from "../../core/errors.ts";
import type { Lateness } from "../../engine/working/handler-context.ts";
import type { Log } from "../../observe/log.ts";
import { BestEffortSpan } from "../../observe/traces/best-effort-span.ts";
import { Discard, RetryAt, Snooze } from "../outcomes.ts";
import { isThenable } from "../runner.ts";
import type { BackgroundWork } from "./background-work.ts";
import { BestEffortContext } from "./best-effort-context.ts";

/** Called as a run goes on. Each once, `told` and `yielded` never after `ended`. */
export interface RunListener {
  /** Its outcome: undefined, or why it failed. */
  told(error: unknown): void;
  /** It has exceeded its time: others need not wait for it any longer. */
  yielded(): void;
  /** The handler has really ended. */
  ended(): void;
}

/** One run of a handler, from start to end. */
export class BackgroundRun implements Lateness {
  readonly #work: BackgroundWork;
  readonly #context: BestEffortContext;
  readonly #listener: RunListener;
  #span: BestEffortSpan | undefined;
  #isTold = false;

  constructor(work: BackgroundWork, log: Log, listener: RunListener) {
    this.#work = work;
    this.#context = new BestEffortContext(work.name, log);
    this.#listener = listener;
  }

  /** Calls the handler. A synchronous one has ended when this returns. */
  begin(clock: Clock): void {
    let returned: unknown;
    let isUnderWay: boolean;
    try {
      this.#span = BestEffortSpan.begin(this.#work.name);
      returned = this.#span
        ? this.#span.within(() => this.#work.run(this.#context))
        : this.#work.run(this.#context);
      isUnderWay = isThenable(returned); // this inspects what the handler returned, which may throw too
    } catch (thrown) {
      this.#end(failure(thrown));
      return;
    }
    if (isUnderWay) this.#wait(returned, clock);
    else this.#end(complaintOf(returned));
  }

  /** Tells the handler to stop, and why. */
  abort(reason: Error): void {
    this.#context.abort(reason);
  }

  timeUp(): void {
    const error = new TaskTimeoutError(`still running after ${this.#work.timeoutMs} ms`);
    this.abort(error);
    this.#tell(error);
  }

  overdue(): void {
    this.#listener.yielded();
  }

  #wait(handler: unknown, clock: Clock): void {
    this.#context.limit(clock, this.#work.timeoutMs, this);
    Promise.resolve(handler).then(
      (value) => this.#end(complaintOf(value)),
      (thrown) => this.#end(failure(thrown)),
    );
  }

  #tell(error: unknown): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#span?.end(error);
    this.#listener.told(error);
  }

  #end(error: unknown): void {
    this.#context.end();
    this.#tell(error);
    this.#listener.ended();
  }
}

/** The failure that a handler asked for by its return value; undefined when it succeeded. */
function complaintOf(returned: unknown): TaskGaveUpError | undefined {
  if (returned instanceof Discard) return new TaskGaveUpError(returned.reason);
  if (returned instanceof RetryAt || returned instanceof Snooze) {
    const why = returned instanceof RetryAt ? `: ${returned.reason}` : "";
    return new TaskGaveUpError(
      `it asked to run again, but a best-effort task runs only once; enqueue it instead${why}`,
    );
  }
  return undefined;
}

/** `undefined` can be thrown too. */
function failure(thrown: unknown): unknown {
  return thrown ?? new Error(`${thrown} was thrown`);
}
