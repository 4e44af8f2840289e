import type { Clock } from "../../core/clock.ts";
import { failedBy } from "../../core/failed-by.ts";
import type { Progress } from "../../core/job.ts";
import type { Outcome } from "../../core/outcome.ts";
import { type HandlerLog, handlerLog } from "../../observe/handler-log.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Log } from "../../observe/log.ts";
import type { LeasedJob, ProgressReport } from "../../store/queue.ts";
import type { EventContent, RunContext, Task } from "../task.ts";
import type { EventContents, Missing } from "./event-contents.ts";
import { WORTH_A_WARNING_MS } from "./loop-watch.ts";
import { ProgressReporter } from "./progress-reporter.ts";

/** A handler is given this long after its signal before its attempt is recorded without it. */
const GRACE_MS = 1_000;

/** What a worker gives a run. */
export interface RunParts {
  readonly clock: Clock;
  /** For the handler. */
  readonly log: Log;
  readonly instrument: Instrument;
  readonly progressed: (report: ProgressReport) => void;
  readonly events: Pick<EventContents, "of">;
}

/** One run of a handler, from start to end. */
export class AttemptRun {
  readonly job: LeasedJob;
  readonly startedAt: number;
  /** The outcome of the attempt: the handler's, or, when the handler exceeds its time, a timeout. */
  readonly outcome: Promise<Outcome>;
  /** When the handler has really ended; its slot is taken until then. */
  readonly handlerEnded: Promise<Outcome>;
  #hasHandlerEnded = false;
  readonly #abort = new AbortController();
  /** Set once its time is up. */
  #timedOut: Outcome | undefined;

  constructor(task: Task, job: LeasedJob, parts: RunParts) {
    const { clock } = parts;
    this.job = job;
    this.startedAt = clock.now();
    let timeoutMs: number;
    try {
      timeoutMs = task.timeoutMs(job);
    } catch (thrown) {
      this.handlerEnded = Promise.resolve(failedBy(thrown));
      this.outcome = this.handlerEnded;
      this.#hasHandlerEnded = true;
      return;
    }
    const handler = this.#handle(task, job, parts);
    this.handlerEnded = handler;
    this.outcome = new Promise((resolve) => {
      let cancelTimer = clock.after(timeoutMs, () => {
        const error = `timed out after ${timeoutMs} ms`;
        const timedOut: Outcome = { kind: "failed", error, retry: true, class: "timeout" };
        this.#timedOut = timedOut;
        this.abort(new Error(error));
        cancelTimer = clock.after(GRACE_MS, () => resolve(timedOut));
      });
      void handler.then((outcome) => {
        cancelTimer();
        resolve(outcome);
      });
    });
  }

  get hasHandlerEnded(): boolean {
    return this.#hasHandlerEnded;
  }

  /** Tells the handler to stop, and why. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  async #handle(
    task: Task,
    job: LeasedJob,
    { clock, log, instrument, progressed, events }: RunParts,
  ): Promise<Outcome> {
    const context = new Context(job, this.#abort.signal, log, clock, (progress) =>
      progressed({ lease: job, progress }),
    );
    try {
      const eventId = job.origin?.event;
      if (eventId !== undefined) {
        const event = await events.of(eventId);
        if (typeof event === "string") return missing(eventId, event);
        this.#abort.signal.throwIfAborted(); // its time may be up meanwhile
        context.event = event;
      }
      const begun = performance.now();
      const running = task.run(job, context);
      const ms = performance.now() - begun;
      if (ms >= WORTH_A_WARNING_MS) instrument["handler.stalled"].publish({ job, ms });
      return await running;
    } catch (thrown) {
      // a handler that stops because of its signal says nothing else
      return this.#timedOut && thrown === this.#abort.signal.reason ? this.#timedOut : failedBy(thrown);
    } finally {
      this.#hasHandlerEnded = true;
      context.end();
      const { "handler.ended": ended } = instrument;
      if (ended.isHeard) ended.publish(job);
    }
  }
}

/** More attempts would find no more than this one did. */
function missing(eventId: string, why: Missing): Outcome {
  const error =
    why === "erased"
      ? `the payload of its event ${eventId} was erased; there is nothing left to deliver`
      : `its event ${eventId} is no longer in the database; there is nothing left to deliver`;
  return { kind: "failed", error, retry: false };
}

/** Made on demand, because most handlers never ask for these. */
class Context implements RunContext {
  readonly attempt: number;
  readonly signal: AbortSignal;
  event: EventContent | undefined;
  readonly #job: LeasedJob;
  readonly #parentLog: Log;
  readonly #clock: Clock;
  readonly #send: (progress: Progress) => void;
  #log: HandlerLog | undefined;
  #reporter: ProgressReporter | undefined;
  #ended = false;

  constructor(
    job: LeasedJob,
    signal: AbortSignal,
    log: Log,
    clock: Clock,
    send: (progress: Progress) => void,
  ) {
    this.attempt = job.attempts;
    this.signal = signal;
    this.#job = job;
    this.#parentLog = log;
    this.#clock = clock;
    this.#send = send;
  }

  get log(): HandlerLog {
    const { id, task, attempts } = this.#job;
    this.#log ??= handlerLog(this.#parentLog, { job: id, task, attempt: attempts });
    return this.#log;
  }

  progress(fraction: number, note?: string): void {
    if (this.#ended) return;
    this.#reporter ??= new ProgressReporter(this.#clock, this.log, this.#send);
    this.#reporter.report(fraction, note);
  }

  end(): void {
    this.#ended = true;
    this.#reporter?.stop();
  }
}
