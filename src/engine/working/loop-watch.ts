import type { Clock } from "../../core/clock.ts";
import type { Unsubscribe } from "../../observe/channel.ts";
import type { JobInHand } from "../../observe/events.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Part } from "../part.ts";
import { Rhythm } from "../rhythm.ts";

/** Blocked this long, a heartbeat is late; past the lease, the jobs are given to others. */
export const WORTH_A_WARNING_MS = 5_000;
const MOST_NAMED = 5;
const EVERY_MS = 1_000;

/**
 * Notices handlers that block the event loop: while they do, no heartbeat is sent, no timeout fires, and other jobs stand still.
 * A late tick means that something blocked; what ran meanwhile is named.
 */
export class LoopWatch implements Part {
  readonly #instrument: Instrument;
  readonly #rhythm: Rhythm;
  readonly #leaseMs: number;
  readonly #running: () => readonly JobInHand[];
  readonly #now: () => number;
  #lastTick: number | undefined;
  /** Jobs whose handlers ended after the loop was blocked and before the tick that reports it: most block up to their end. */
  #ended: JobInHand[] = [];
  #subscribed: readonly Unsubscribe[] = [];

  constructor(
    instrument: Instrument,
    clock: Clock,
    leaseMs: number,
    running: () => readonly JobInHand[],
    now: () => number = () => performance.now(),
  ) {
    this.#instrument = instrument;
    this.#rhythm = new Rhythm(clock, instrument, EVERY_MS, async () => this.tick());
    this.#leaseMs = leaseMs;
    this.#running = running;
    this.#now = now;
  }

  start(): void {
    this.#subscribed = [
      this.#instrument["handler.stalled"].subscribe(({ job, ms }) => this.#stalled(job, ms)),
      this.#instrument["handler.ended"].subscribe((job) => this.#noteEnd(job)),
    ];
    this.tick(); // otherwise blocking by the first handlers would go unnoticed
    this.#rhythm.start();
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscribed) unsubscribe();
    await this.#rhythm.stop();
  }

  /** Called every second. */
  tick(): void {
    const now = this.#now();
    const blockedMs = this.#lateMs(now);
    const jobs = [...this.#ended, ...this.#running()];
    this.#lastTick = now;
    this.#ended = [];
    if (blockedMs >= WORTH_A_WARNING_MS) this.#warn(blockedMs, jobs);
  }

  /** A handler's first stretch, up to its first await, took this long: it is known to be the one. */
  #stalled(job: JobInHand, ms: number): void {
    this.#warn(Math.round(ms), [job]);
    this.#lastTick = undefined; // reported once
  }

  #noteEnd(job: JobInHand): void {
    if (this.#lateMs(this.#now()) >= WORTH_A_WARNING_MS && this.#ended.length < MOST_NAMED)
      this.#ended.push(job);
  }

  #lateMs(now: number): number {
    return Math.round(now - (this.#lastTick ?? now) - EVERY_MS);
  }

  #warn(blockedMs: number, running: readonly JobInHand[]): void {
    if (running.length === 0) return;
    const jobs = running.slice(0, MOST_NAMED).map(({ id: jobId, task }) => ({ jobId, task }));
    const { "loop.blocked": blocked } = this.#instrument;
    blocked.publish({ blockedMs, leaseMs: this.#leaseMs, jobs, running: running.length });
  }
}
