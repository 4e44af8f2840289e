import type { Cancel, Clock } from "../../core/clock.ts";
import { isSuspect } from "../../core/transition.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import type { Hand } from "./hand.ts";

/** How long a suspect waits for running jobs to end, while nothing else starts; after that it runs next to them. */
export const LONGEST_DRAIN_MS = 10_000;

/**
 * While a suspect runs, nothing else starts here for at least this long, and for twice as long as it ever took to lose a worker; then
 * others start again, however long it runs. A job that takes longer than the maximum to end its worker is not identified.
 */
export const LEAST_ALONE_MS = 60_000;
const MOST_ALONE_MS = 600_000;
/** The lost attempts that tell how long it took. */
const LAST_ATTEMPTS = { limit: 10 };

export interface IsolationOptions {
  readonly store: Pick<Store, "workers" | "records">;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly hand: Hand;
  /** Whether nothing runs here. */
  readonly isEmpty: () => boolean;
  readonly begin: (job: LeasedJob) => void;
  /** Others may begin again. */
  readonly opened: () => void;
}

/** Runs suspects alone in this process, one at a time, so that the loss of the worker tells whether one is to blame. */
export class Isolation {
  readonly #options: IsolationOptions;
  /** In hand, by fencing token: those to be run alone, and those that could not be. */
  readonly #suspects = new Map<number, "alone" | "in company">();
  /** The one that is alone, or will be as soon as what runs has ended. */
  #chosen: LeasedJob | undefined;
  #isBeginning = false;
  #cancelTimer: Cancel = () => {};

  constructor(options: IsolationOptions) {
    this.#options = options;
  }

  /** Whether nothing else may be claimed. */
  get isClosed(): boolean {
    return this.#chosen !== undefined;
  }

  /** Whether it is the one that is alone, or waits to be. */
  isChosen(job: LeasedJob): boolean {
    return this.#chosen === job;
  }

  /** It came into the hand. */
  take(job: LeasedJob): void {
    if (isSuspect(job)) this.#suspects.set(job.token, "alone");
  }

  /** Its attempt has been recorded, or it left the hand before it began. */
  leave(job: LeasedJob): void {
    if (this.#suspects.delete(job.token) && this.#chosen === job) this.#open();
  }

  /** Whether nothing may begin now but a suspect, which is begun from here once it is alone. */
  holdsUp(canBegin: (job: LeasedJob) => boolean): boolean {
    if (this.#suspects.size === 0) return false;
    const { hand, isEmpty } = this.#options;
    if (!this.#chosen) {
      const isNext = (job: LeasedJob) => this.#suspects.get(job.token) === "alone" && canBegin(job);
      this.#chosen = hand.waiting.find(isNext);
      if (!this.#chosen) return false;
      this.#closeFor(this.#chosen);
    }
    if (!this.#isBeginning && isEmpty()) {
      this.#isBeginning = true;
      void this.#beginAlone(this.#chosen);
    }
    return true;
  }

  #closeFor(job: LeasedJob): void {
    this.#after(LONGEST_DRAIN_MS, () => this.#giveUp(job));
    void this.#options.hand.giveBack((other) => other !== job); // for other workers
  }

  async #beginAlone(job: LeasedJob): Promise<void> {
    const { store, instrument, hand, begin } = this.#options;
    const { id: jobId, task, lane, losses } = job;
    try {
      const aloneMs = await this.#aloneMs(jobId);
      if (!(await store.workers.isolate(job, true))) return hand.drop(jobId);
      if (!hand.waiting.includes(job)) return; // it was given back meanwhile
      this.#after(aloneMs, () => void this.#letOthersIn(job));
      instrument["job.isolated"].publish({ jobId, task, lane, losses });
      hand.begin((other) => other === job);
      begin(job);
    } catch (error) {
      instrument["step.failed"].publish({ step: "isolate", error, about: { job: jobId } });
      this.#giveUp(job);
    }
  }

  /** Written before anything else starts, or the job would be blamed for what another one did. */
  async #letOthersIn(job: LeasedJob): Promise<void> {
    const { store, instrument } = this.#options;
    try {
      await store.workers.isolate(job, false);
      this.#giveUp(job);
    } catch (error) {
      instrument["step.failed"].publish({ step: "isolate", error, about: { job: job.id } });
      this.#after(LONGEST_DRAIN_MS, () => void this.#letOthersIn(job));
    }
  }

  async #aloneMs(jobId: string): Promise<number> {
    const attempts = await this.#options.store.records.attempts(jobId, LAST_ATTEMPTS);
    const tookMs = attempts.map(({ outcome, durationMs }) => (outcome === "lost" ? durationMs : 0));
    return Math.min(MOST_ALONE_MS, Math.max(LEAST_ALONE_MS, 2 * Math.max(0, ...tookMs)));
  }

  #giveUp(job: LeasedJob): void {
    if (this.#chosen !== job) return;
    this.#suspects.set(job.token, "in company");
    this.#open();
  }

  #open(): void {
    this.#cancelTimer();
    this.#chosen = undefined;
    this.#isBeginning = false;
    this.#options.opened();
  }

  #after(ms: number, action: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, action);
  }
}
