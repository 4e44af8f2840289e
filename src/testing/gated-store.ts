import type { Clock } from "../core/clock.ts";
import { createdJobs } from "../store/created-jobs.ts";
import { overlaid } from "../store/overlaid-store.ts";
import type { Batch, Committed, LeasedJob, NewJob } from "../store/queue.ts";
import type { Store } from "../store/store.ts";

/** How the attempts of a drain ended. */
export interface Drained {
  /** Jobs that succeeded. */
  readonly succeeded: number;
  /** Jobs that failed, because no attempt was left or because they returned `discard`. */
  readonly failed: number;
  /** Attempts whose jobs were queued again, to be retried or because they snoozed. */
  readonly queued: number;
}

/** A store whose jobs can be claimed only while its gate is open, and that remembers what went through it. */
export class GatedStore {
  readonly store: Store;
  /** All jobs in the order in which they were made; those that Posthorn made itself appear when they are claimed. */
  readonly made: NewJob[] = [];
  readonly #real: Store;
  readonly #known = new Set<string>();
  /** By fencing token. */
  readonly #inHand = new Set<number>();
  #counts = { succeeded: 0, failed: 0, queued: 0 };
  #isOpen = false;
  #look = () => {};
  #whenIdle: PromiseWithResolvers<void>[] = [];

  constructor(real: Store) {
    this.#real = real;
    this.store = overlaid(real, {
      queue: {
        commit: (batch) => this.#commit(batch),
        acceptWithin: async (transaction, asked, now) => {
          const answers = await real.queue.acceptWithin(transaction, asked, now);
          this.#keep(createdJobs(asked, answers));
          return answers;
        },
        onChange: (changed) => {
          this.#look = changed;
          return real.queue.onChange(changed);
        },
      },
      schedules: {
        fire: async (firing, now) => {
          const fired = await real.schedules.fire(firing, now);
          for (const job of fired ? firing.jobs : []) if (await real.records.get(job.id)) this.#keep([job]);
          return fired;
        },
      },
      workers: {
        release: async (leases, now) => {
          await real.workers.release(leases, now);
          for (const { token } of leases) this.#inHand.delete(token);
        },
      },
    });
  }

  /** Lets jobs be claimed until none is left that may begin now. Returns the outcomes of attempts since the last time. */
  async drain(clock: Clock): Promise<Drained> {
    do await this.#letThrough();
    while (((await this.#real.queue.nextDue()) ?? Number.POSITIVE_INFINITY) <= clock.now());
    this.#isOpen = false;
    const counts = this.#counts;
    this.#counts = { succeeded: 0, failed: 0, queued: 0 };
    return counts;
  }

  /** Shuts it permanently, and rejects what waits for it. */
  abandon(): void {
    this.#isOpen = false;
    for (const { reject } of this.#whenIdle.splice(0)) reject(new Error("it was closed while it drained"));
  }

  /** Makes the engine check for what is due. */
  look(): void {
    this.#look();
  }

  async #letThrough(): Promise<void> {
    const idle = Promise.withResolvers<void>();
    this.#whenIdle.push(idle);
    this.#isOpen = true;
    this.#look();
    await idle.promise;
  }

  async #commit(batch: Batch): Promise<Committed> {
    const claim = this.#isOpen ? batch.claim : undefined;
    const done = await this.#real.queue.commit({ ...batch, claim });
    this.#keep(createdJobs(batch, done));
    batch.settlements.forEach(({ lease, transition: { next } }, at) => {
      this.#inHand.delete(lease.token);
      if (done.settled[at] && next.status !== "cancelled")
        this.#counts[next.status === "parked" ? "queued" : next.status]++;
    });
    for (const job of done.claimed) this.#claimed(job);
    const hasMore = done.claimed.length > 0 || done.unfinished || done.passedOver;
    if (claim && !hasMore && this.#inHand.size === 0)
      for (const { resolve } of this.#whenIdle.splice(0)) resolve();
    return done;
  }

  #claimed(job: LeasedJob): void {
    this.#inHand.add(job.token);
    const { id, task, lane, priority, options, payload, maxAttempts, createdAt, ties } = job;
    const made = { id, task, lane, priority, options, payload, maxAttempts, createdAt, runAt: createdAt };
    this.#keep([ties ? { ...made, ties } : made]);
  }

  #keep(jobs: readonly NewJob[]): void {
    for (const job of jobs) {
      if (this.#known.has(job.id)) continue;
      this.#known.add(job.id);
      this.made.push(job);
    }
  }
}
