import { type Clock, systemClock } from "../../core/clock.ts";
import { DAY_MS, type Duration, parseDuration } from "../../core/duration.ts";
import { OverloadedError } from "../../core/errors.ts";
import { durationOf, refuseUnknown, wholeNumberOf } from "../../core/options.ts";
import { createLog, type Log } from "../../observe/log.ts";
import type { BackgroundLine } from "./background-line.ts";
import { BackgroundRun } from "./background-run.ts";
import type { BackgroundWork } from "./background-work.ts";
import { Fifo } from "./fifo.ts";

export interface BackgroundRunnerOptions {
  /** How many tasks run at once. Default 64, from 1 to 100 000. */
  readonly concurrency?: number;
  /** How many tasks may wait; adding one more throws OverloadedError. Default 10 000, at most 10 000 000. */
  readonly maxQueued?: number;
  /** How long a function may run (wall-clock time); tasks have their own timeout. Default 15 minutes, from 100 ms to 7 days. */
  readonly timeout?: Duration;
  /** Default: JSON lines on standard error, from `info`. */
  readonly log?: Log;
  /** Called once for each task that failed, instead of logging it. An error that it throws is logged. */
  readonly onError?: (error: unknown, task: string) => unknown;
  /** Default: the system's. Tests pass another to control time. */
  readonly clock?: Clock;
}

export interface BackgroundCounts {
  /** Added and not yet started. */
  readonly queued: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Could not be added, because too many were waiting. */
  readonly refused: number;
  /** Not started when the drain's time was up. */
  readonly dropped: number;
}

/** What was left when the drain's time was up: nothing if everything finished in time. */
export interface Undone {
  /** Tasks that did not start, and never will. */
  readonly dropped: number;
  /** Tasks that were told to stop, and are still running. */
  readonly running: number;
}

const KNOWN = [
  "concurrency",
  "maxQueued",
  "timeout",
  "log",
  "onError",
  "clock",
] satisfies (keyof BackgroundRunnerOptions)[];

/** Only this long at a time, so that the server can answer requests in between. */
const TURN_MS = 5;

/**
 * Runs best-effort tasks; use one runner per process. The tasks of one request run one after the other, in the order in which they were
 * added; tasks of different requests run concurrently. A task that fails is reported by name and stops no other. Nothing is kept on disk:
 * what has not run when the process ends is lost.
 * @throws InvalidInputError for an option that is wrong.
 * @example
 * const runner = new BackgroundRunner();
 * app.use(backgroundTasks(runner)); // posthorn/hono, posthorn/express; posthorn/fastify and posthorn/node are alike
 * process.once("SIGTERM", () => server.close(() => runner.drain("10s")));
 */
export class BackgroundRunner {
  /** How long a function that was added may run, in milliseconds. */
  readonly timeoutMs: number;
  readonly #concurrency: number;
  readonly #maxQueued: number;
  readonly #log: Log;
  readonly #onError: (error: unknown, task: string) => unknown;
  readonly #clock: Clock;
  readonly #ready = new Fifo<BackgroundLine>();
  readonly #running = new Set<BackgroundRun>();
  #queued = 0;
  #counts = { succeeded: 0, failed: 0, refused: 0, dropped: 0 };
  #turnIsDue = false;
  #draining: Promise<Undone> | undefined;
  #isIdle: () => void = () => {};
  #isClosed = false;

  constructor(options: BackgroundRunnerOptions = {}) {
    refuseUnknown(options, KNOWN);
    const { concurrency = 64, maxQueued = 10_000, timeout = "15m", log = createLog(), onError } = options;
    this.#concurrency = wholeNumberOf(concurrency, 1, 100_000, ["concurrency"]);
    this.#maxQueued = wholeNumberOf(maxQueued, 1, 10_000_000, ["maxQueued"]);
    this.timeoutMs = durationOf(timeout, 100, 7 * DAY_MS, ["timeout"]);
    this.#log = log;
    this.#onError = onError ?? ((err, task) => log.error({ err, task }, "a best-effort task failed"));
    this.#clock = options.clock ?? systemClock;
  }

  get counts(): BackgroundCounts {
    return { queued: this.#queued, running: this.#running.size, ...this.#counts };
  }

  /**
   * Waits until everything that was added has run. After `limit`, drops what has not started and aborts the signals of what is running.
   * Nothing can be added afterwards, so call it once the server is closed: requests in flight may still add tasks. Calling it again returns
   * the same promise.
   * @param limit default 30 seconds.
   * @example
   * const { dropped, running } = await runner.drain("10s");
   */
  drain(limit: Duration = "30s"): Promise<Undone> {
    const limitMs = parseDuration(limit, ["limit"]);
    this.#draining ??= new Promise((resolve) => {
      const cancelTimer = this.#clock.after(limitMs, () => resolve(this.#cutOff()), true);
      this.#isIdle = () => {
        cancelTimer();
        this.#isClosed = true;
        resolve({ dropped: 0, running: 0 });
      };
      this.#lookIfIdle();
    });
    return this.#draining;
  }

  /**
   * Reserves room for one more task in the queue. Used by BackgroundTasks.
   * @throws OverloadedError when the queue is full, or the runner has drained.
   */
  reserve(): void {
    if (!this.#isClosed && this.#queued < this.#maxQueued) {
      this.#queued++;
      return;
    }
    this.#counts.refused++;
    throw new OverloadedError(
      this.#isClosed
        ? "the process is stopping and takes no more best-effort tasks"
        : `${this.#maxQueued} best-effort tasks are already waiting (maxQueued); nothing was added`,
    );
  }

  /** Gives back room that was reserved for tasks that will not come, or counts tasks that were added without reserving. */
  adjustQueued(by: number): void {
    if (this.#isClosed && by < 0) return; // it was counted as dropped
    this.#queued += by;
    this.#lookIfIdle();
  }

  /** Runs the tasks in this line, and those added to it later. */
  enter(line: BackgroundLine): void {
    if (this.#isClosed) {
      line.clear();
      this.#drop();
    } else if (!line.isUnderWay) {
      line.isUnderWay = true;
      this.#wait(line);
    }
  }

  #wait(line: BackgroundLine): void {
    this.#ready.push(line);
    this.#takeTurn();
  }

  #takeTurn(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#turnIsDue = false;
    const overAt = performance.now() + TURN_MS;
    while (this.#running.size < this.#concurrency && this.#ready.size > 0) {
      if (performance.now() > overAt) {
        this.#takeTurn();
        return;
      }
      const line = this.#ready.take();
      const work = line?.take();
      if (line && work) work.scope.runInAsyncScope(this.#begin, this, line, work);
    }
  };

  #begin(line: BackgroundLine, work: BackgroundWork): void {
    let isAhead = true;
    const moveOn = () => {
      if (!isAhead) return;
      isAhead = false;
      if (this.#isClosed) line.clear(); // counted as dropped when time was up
      if (line.size > 0) this.#wait(line);
      else line.isUnderWay = false;
    };
    const run = new BackgroundRun(work, this.#log, {
      told: (error) => this.#record(work.name, error),
      yielded: moveOn,
      ended: () => {
        this.#running.delete(run);
        moveOn();
        if (this.#ready.size > 0) this.#takeTurn();
        this.#lookIfIdle();
      },
    });
    this.#queued--;
    this.#running.add(run);
    run.begin(this.#clock);
  }

  #record(task: string, error: unknown): void {
    if (error === undefined) {
      this.#counts.succeeded++;
      return;
    }
    this.#counts.failed++;
    const failedToo = (err: unknown) =>
      this.#log.error({ err, task, failed: error }, "onError failed itself");
    try {
      Promise.resolve(this.#onError(error, task)).catch(failedToo);
    } catch (thrown) {
      failedToo(thrown);
    }
  }

  #lookIfIdle(): void {
    if (this.#queued === 0 && this.#running.size === 0) this.#isIdle();
  }

  #cutOff(): Undone {
    this.#isClosed = true;
    this.#isIdle = () => {};
    const dropped = this.#queued;
    this.#drop();
    const stop = new Error("the process is stopping");
    for (const run of this.#running) run.abort(stop);
    return { dropped, running: this.#running.size };
  }

  /** Nothing begins any more. Tasks collected and not released count as dropped now, and are dropped when they are released. */
  #drop(): void {
    for (let line = this.#ready.take(); line; line = this.#ready.take()) line.clear();
    this.#counts.dropped += this.#queued;
    if (this.#queued > 0) {
      this.#log.warn({ dropped: this.#queued }, "best-effort tasks were dropped: the process is stopping");
    }
    this.#queued = 0;
  }
}
