import type { Log } from "../../observe/log.ts";
import type { LeasedJob } from "../../store/queue.ts";

/** Blocked this long, a heartbeat is late; past the lease, the jobs are given to others. */
const WORTH_A_WARNING_MS = 5_000;
const MOST_NAMED = 5;

/**
 * Notices handlers that block the event loop: while they do, no heartbeat is sent, no timeout fires, and other jobs stand still.
 * A tick that comes late tells that something blocked; what ran meanwhile is named.
 */
export class LoopWatch {
  readonly #log: Log;
  readonly #everyMs: number;
  readonly #leaseMs: number;
  readonly #running: () => readonly LeasedJob[];
  readonly #now: () => number;
  #lastTick: number | undefined;
  /** Whose handlers ended after the loop was blocked and before the tick that tells of it: most block up to their end. */
  #ended: LeasedJob[] = [];

  constructor(
    log: Log,
    everyMs: number,
    leaseMs: number,
    running: () => readonly LeasedJob[],
    now: () => number = () => performance.now(),
  ) {
    this.#log = log;
    this.#everyMs = everyMs;
    this.#leaseMs = leaseMs;
    this.#running = running;
    this.#now = now;
  }

  /** To be called every `everyMs`. */
  tick(): void {
    const now = this.#now();
    const blockedMs = this.#lateMs(now);
    const jobs = [...this.#ended, ...this.#running()];
    this.#lastTick = now;
    this.#ended = [];
    if (blockedMs >= WORTH_A_WARNING_MS) this.#warn(blockedMs, jobs);
  }

  /** A handler's first stretch, up to its first await, took this long: it is known to be the one. */
  began(job: LeasedJob, tookMs: number): void {
    if (tookMs < WORTH_A_WARNING_MS) return;
    this.#warn(Math.round(tookMs), [job]);
    this.#lastTick = undefined; // said once
  }

  /** Its handler has come to its end. */
  ended(job: LeasedJob): void {
    if (this.#lateMs(this.#now()) >= WORTH_A_WARNING_MS && this.#ended.length < MOST_NAMED)
      this.#ended.push(job);
  }

  #lateMs(now: number): number {
    return Math.round(now - (this.#lastTick ?? now) - this.#everyMs);
  }

  #warn(blockedMs: number, jobs: readonly LeasedJob[]): void {
    if (jobs.length === 0) return;
    const named = jobs.slice(0, MOST_NAMED).map(({ id, task }) => `${task} ${id}`);
    const lost = blockedMs >= this.#leaseMs ? ", past its lease: its jobs may run again elsewhere" : "";
    this.#log.warn(
      { blockedMs, jobs: named, running: jobs.length },
      `a handler blocked the event loop${lost}; give long computations a thread`,
    );
  }
}
