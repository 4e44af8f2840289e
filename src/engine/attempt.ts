import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { LeasedJob } from "../store/store.ts";
import type { Task } from "./task.ts";

/** A handler is given this long after its signal before its attempt is recorded without it. */
const GRACE_MS = 1_000;

/** One run of a handler, from begin to end. */
export class AttemptRun {
  readonly job: LeasedJob;
  readonly startedAt: number;
  /** What the attempt came to: what the handler says, or, when it outstays its time, that it did. */
  readonly outcome: Promise<Outcome>;
  /** When the handler has really ended; its slot is taken until then. */
  readonly handlerEnded: Promise<Outcome>;
  readonly #abort = new AbortController();

  constructor(task: Task, job: LeasedJob, clock: Clock) {
    this.job = job;
    this.startedAt = clock.now();
    let timeoutMs: number;
    try {
      timeoutMs = task.timeoutMs(job);
    } catch (thrown) {
      this.handlerEnded = Promise.resolve({ kind: "failed", error: messageOf(thrown), retry: true });
      this.outcome = this.handlerEnded;
      return;
    }
    const handler = this.#handle(task, job);
    this.handlerEnded = handler;
    this.outcome = new Promise((resolve) => {
      let cancelTimer = clock.after(timeoutMs, () => {
        const error = `timed out after ${timeoutMs} ms`;
        this.abort(new Error(error));
        cancelTimer = clock.after(GRACE_MS, () => resolve({ kind: "failed", error, retry: true }));
      });
      void handler.then((outcome) => {
        cancelTimer();
        resolve(outcome);
      });
    });
  }

  /** Tells the handler to stop, and why. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  async #handle(task: Task, job: LeasedJob): Promise<Outcome> {
    try {
      return await task.run(job, { signal: this.#abort.signal, attempt: job.attempts });
    } catch (thrown) {
      return { kind: "failed", error: messageOf(thrown), retry: true };
    }
  }
}
