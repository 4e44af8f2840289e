import type { Abortable } from "../../core/abortable.ts";
import type { Cancel, Clock } from "../../core/clock.ts";
import { type HandlerLog, handlerLog } from "../../observe/handler-log.ts";
import type { Log, LogFields } from "../../observe/log.ts";

/** A handler gets this long after its signal before others go on without it. */
const GRACE_MS = 1_000;

/** What happens when a handler exceeds its time. */
export interface Lateness {
  /** Its time is up: abort its signal. */
  timeUp(): void;
  /** It goes on all the same, past its grace. */
  overdue(): void;
}

/** What a handler is given, durable or best effort. Signal and log are made on demand, because many handlers use neither. */
export abstract class HandlerContext implements Abortable {
  readonly #parentLog: Log;
  #log: HandlerLog | undefined;
  #abort: AbortController | undefined;
  #listener: ((reason: Error) => void) | undefined;
  #reason: Error | undefined;
  #cancelTimer: Cancel | undefined;

  constructor(log: Log) {
    this.#parentLog = log;
  }

  /** What each line of its log carries. */
  protected abstract get logFields(): LogFields;

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#reason) this.#abort.abort(this.#reason);
    return this.#abort.signal;
  }

  get log(): HandlerLog {
    this.#log ??= handlerLog(this.#parentLog, this.logFields);
    return this.#log;
  }

  /** Why it was told to stop, if it was. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  onAbort(listener: (reason: Error) => void): Cancel {
    if (this.#reason) listener(this.#reason);
    else this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  /** Tells the handler to stop, and why. */
  abort(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#abort?.abort(reason);
    this.#listener?.(reason);
  }

  /** Holds the handler to its time, until it has ended. */
  limit(clock: Clock, timeoutMs: number, late: Lateness): void {
    this.#cancelTimer = clock.after(timeoutMs, () => {
      late.timeUp();
      this.#cancelTimer = clock.after(GRACE_MS, () => late.overdue());
    });
  }

  /** The handler has ended. */
  end(): void {
    this.#cancelTimer?.();
  }
}
