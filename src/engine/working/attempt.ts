import type { Placed } from "../../core/bag.ts";
import type { Clock } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";
import { failedBy } from "../../core/thrown/failed-by.ts";
import { type TraceParent, traceOf } from "../../core/traces/trace-parent.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Log, LogFields } from "../../observe/log.ts";
import { AttemptSpan, type AttemptTraces } from "../../observe/traces/attempt-span.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { GroupCommit } from "../intake/group-commit.ts";
import type { EventContent, RunContext, Task } from "../task.ts";
import type { EventContents, Missing } from "./event-contents.ts";
import { HandlerContext, type Lateness } from "./handler-context.ts";
import { WORTH_A_WARNING_MS } from "./loop-watch.ts";
import { ProgressReporter } from "./progress-reporter.ts";

/** What a worker gives a run. */
export interface RunParts {
  readonly clock: Clock;
  /** For the handler. */
  readonly log: Log;
  readonly instrument: Instrument;
  readonly commits: Pick<GroupCommit, "progress">;
  readonly events: Pick<EventContents, "of">;
  /** Default: `link`. */
  readonly attemptTraces?: AttemptTraces | undefined;
}

/** The reason with which an attempt's signal is aborted when its time is up. Other reasons are not the fault of the attempt. */
export class TimedOut extends Error {}

/** One run of a handler, from start to end. */
export class AttemptRun implements Lateness, Placed {
  place = 0;
  readonly job: LeasedJob;
  readonly startedAt: number;
  /** The outcome of the attempt: the handler's, or, when the handler exceeds its time, a timeout. */
  readonly outcome: Promise<Outcome>;
  /** When the handler has really ended; its slot is taken until then. */
  readonly handlerEnded: Promise<Outcome>;
  readonly #context: Context;
  readonly #resolve: (outcome: Outcome) => void;
  #timeoutMs = 0;
  #hasHandlerEnded = false;
  /** Set once its time is up. */
  #timedOut: Outcome | undefined;

  constructor(task: Task, job: LeasedJob, parts: RunParts) {
    this.job = job;
    this.startedAt = parts.clock.now();
    const span = AttemptSpan.begin(job, task.doing ?? "run", this.startedAt, parts.attemptTraces);
    this.#context = new Context(job, parts, span);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.#resolve = resolve;
    this.handlerEnded = this.#handle(task, job, parts);
    void this.handlerEnded.then(resolve);
    if (!this.#hasHandlerEnded) this.#context.limit(parts.clock, this.#timeoutMs, this);
  }

  get span(): AttemptSpan | undefined {
    return this.#context.span;
  }

  get hasHandlerEnded(): boolean {
    return this.#hasHandlerEnded;
  }

  /** Tells the handler to stop, and why. */
  abort(reason: Error): void {
    this.#context.abort(reason);
  }

  timeUp(): void {
    const error = `timed out after ${this.#timeoutMs} ms`;
    this.#timedOut = { kind: "failed", error, retry: true, class: "timeout" };
    this.abort(new TimedOut(error));
  }

  overdue(): void {
    if (this.#timedOut) this.#resolve(this.#timedOut);
  }

  async #handle(task: Task, job: LeasedJob, { instrument, events }: RunParts): Promise<Outcome> {
    const context = this.#context;
    try {
      this.#timeoutMs = task.timeoutMs(job);
      const eventId = job.origin?.event;
      if (eventId !== undefined) {
        const event = await events.of(eventId);
        if (typeof event === "string") return missing(eventId, event);
        if (context.reason) throw context.reason; // its time may be up meanwhile
        context.event = event;
      }
      const begun = performance.now();
      const { span } = context;
      const running = span ? span.within(() => task.run(job, context)) : task.run(job, context);
      const ms = performance.now() - begun;
      if (ms >= WORTH_A_WARNING_MS) instrument["handler.stalled"].publish({ job, ms });
      return await running;
    } catch (thrown) {
      // a handler that stops because of its signal says nothing else
      return this.#timedOut && thrown === context.reason ? this.#timedOut : failedBy(thrown);
    } finally {
      this.#hasHandlerEnded = true;
      context.end();
      const { "handler.ended": ended } = instrument;
      if (ended.isHeard) ended.publish(job);
    }
  }
}

/** Another attempt could not succeed either. */
function missing(eventId: string, why: Missing): Outcome {
  const error =
    why === "erased"
      ? `the payload of its event ${eventId} was erased; there is nothing left to deliver`
      : `its event ${eventId} is no longer in the database; there is nothing left to deliver`;
  return { kind: "failed", error, retry: false };
}

class Context extends HandlerContext implements RunContext {
  readonly attempt: number;
  readonly span: AttemptSpan | undefined;
  event: EventContent | undefined;
  readonly #job: LeasedJob;
  readonly #parts: Pick<RunParts, "clock" | "commits">;
  #reporter: ProgressReporter | undefined;
  #ended = false;

  constructor(job: LeasedJob, parts: RunParts, span: AttemptSpan | undefined) {
    super(parts.log);
    this.attempt = job.attempts;
    this.span = span;
    this.#job = job;
    this.#parts = parts;
  }

  get trace(): TraceParent | undefined {
    return this.span?.parent ?? traceOf(this.#job.origin);
  }

  protected get logFields(): LogFields {
    const { id, task, attempts } = this.#job;
    return { job: id, task, attempt: attempts };
  }

  progress(fraction: number, note?: string): void {
    if (this.#ended) return;
    this.#reporter ??= this.#report();
    this.#reporter.report(fraction, note);
  }

  override end(): void {
    super.end();
    this.#ended = true;
    this.#reporter?.stop();
  }

  #report(): ProgressReporter {
    const { clock, commits } = this.#parts;
    return new ProgressReporter(clock, this.log, (progress) =>
      commits.progress({ lease: this.#job, progress }),
    );
  }
}
