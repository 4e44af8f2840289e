import type { Clock } from "../../core/clock.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { WorkerRegister } from "../../store/worker-register.ts";
import type { EventContents } from "./event-contents.ts";
import { WaitingLine } from "./waiting-line.ts";

/** How long to wait after the database could not take jobs back. */
export const RETRY_MS = 1_000;

export interface HandOptions {
  readonly leases: Pick<WorkerRegister, "release">;
  /** Is told what comes and goes. */
  readonly events: Pick<EventContents, "hold" | "claimed" | "release" | "bytes">;
  readonly clock: Clock;
  readonly instrument: Instrument;
  /** Whether a job that cannot be given back may begin here after all; otherwise it is left to `retire`. */
  readonly mayBegin: () => boolean;
  /** A job is no longer here, and did not begin. */
  readonly leftUnbegun: (job: LeasedJob) => void;
  /** Jobs that could not be given back at first were given back after all. */
  readonly gaveBack: () => void;
  /** Jobs that could not be given back wait here again. */
  readonly stayed: () => void;
}

/** The jobs that a worker holds from claim to outcome: some wait for a slot, the others run. */
export class Hand {
  readonly #options: HandOptions;
  readonly #line = new WaitingLine();
  #count = 0;
  #bytes = 0;

  constructor(options: HandOptions) {
    this.#options = options;
  }

  /** Waiting and running jobs. */
  get count(): number {
    return this.#count;
  }

  /** The size of their payloads, in UTF-16 units, and of the events that they deliver. */
  get bytes(): number {
    return this.#bytes + this.#options.events.bytes;
  }

  /** In the order in which they may begin. */
  get waiting(): readonly LeasedJob[] {
    return this.#line.jobs;
  }

  /** All jobs of a claim. */
  take(jobs: readonly LeasedJob[]): void {
    const { events } = this.#options;
    for (const job of jobs) {
      this.#count++;
      this.#bytes += job.payload.length;
      events.hold(job);
      this.#wait(job);
    }
    events.claimed();
  }

  /** Takes out the first waiting job that fits. */
  begin(fits: (job: LeasedJob) => boolean): LeasedJob | undefined {
    const at = this.waiting.findIndex(fits);
    return at === -1 ? undefined : this.#line.begin(at);
  }

  /** Takes out and begins the waiting jobs that fit, while there is room. One that does not fit will not when others have begun. */
  beginEach(
    fits: (job: LeasedJob) => boolean,
    begin: (job: LeasedJob) => void,
    hasRoom: () => boolean,
  ): void {
    for (let at = 0; at < this.waiting.length && hasRoom(); ) {
      const job = this.waiting[at];
      if (job && fits(job)) {
        this.#line.begin(at);
        begin(job);
      } else at++;
    }
  }

  /** Those that have waited for so long. */
  waitingFor(ms: number): readonly LeasedJob[] {
    return this.#line.waitingFor(ms, this.#options.clock.now());
  }

  /** A running job has its outcome. */
  leave(job: LeasedJob): void {
    this.#count--;
    this.#bytes -= job.payload.length;
    this.#options.events.release(job);
  }

  /** A waiting job was taken over by another worker. */
  drop(jobId: string): void {
    const job = this.#remove(({ id }) => id === jobId);
    if (job) this.#leaveUnbegun(job);
  }

  /** Gives back the waiting jobs that fit, which costs them no attempt; returns whether there were any. */
  async giveBack(fits: (job: LeasedJob) => boolean): Promise<boolean> {
    const jobs = this.waiting.filter(fits);
    for (const job of jobs) this.#remove((other) => other === job);
    await this.#release(jobs);
    return jobs.length > 0;
  }

  async #release(jobs: readonly LeasedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const { leases, clock, instrument, mayBegin, gaveBack, stayed } = this.#options;
    try {
      await leases.release(jobs, clock.now());
    } catch (error) {
      instrument["step.failed"].publish({ step: "give back", error, about: { jobs: jobs.length } });
      if (mayBegin()) {
        if (error instanceof StoreUnavailableError) {
          // it may have worked after all, and other workers may have them: they must not begin here any more
          clock.after(RETRY_MS, () => void this.#release(jobs).then(gaveBack));
          return;
        }
        for (const job of jobs) this.#wait(job);
        stayed();
        return;
      }
    }
    const { "jobs.returned": returned } = instrument;
    if (returned.isHeard) returned.publish({ count: jobs.length });
    for (const job of jobs) this.#leaveUnbegun(job);
  }

  #remove(fits: (job: LeasedJob) => boolean): LeasedJob | undefined {
    const at = this.waiting.findIndex(fits);
    return at === -1 ? undefined : this.#line.remove(at);
  }

  #wait(job: LeasedJob): void {
    this.#line.add(job, this.#options.clock.now());
  }

  #leaveUnbegun(job: LeasedJob): void {
    this.leave(job);
    this.#options.leftUnbegun(job);
  }
}
