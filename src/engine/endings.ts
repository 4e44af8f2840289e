import type { Clock } from "../core/clock.ts";
import type { Unsubscribe } from "../observe/channel.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { Store } from "../store/store.ts";

/** Lets callers wait for the end of a job, and see what happens to it on the way. */
export class Endings {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #watching = new Map<string, Set<() => void>>();

  /** The timer, while anyone waits or watches. */
  #subscribed: readonly Unsubscribe[] = [];

  constructor(store: Store, clock: Clock, instrument: Instrument) {
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
  }

  /** Resolves when the job has ended, when `ms` are over, or when `signal` is aborted. */
  async ended(jobId: string, ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const resolveNow = () => resolve();
    const cancelTimer = this.#clock.after(ms, resolveNow, true);
    signal?.addEventListener("abort", resolveNow);
    const waiting = this.#waiting.get(jobId) ?? new Set();
    this.#waiting.set(jobId, waiting.add(resolveNow));
    this.#listen();
    try {
      // it may have ended before this call
      if (await this.#isOver(jobId)) this.#announce(jobId);
      await ended;
    } finally {
      cancelTimer();
      signal?.removeEventListener("abort", resolveNow);
      waiting.delete(resolveNow);
      if (waiting.size === 0) this.#waiting.delete(jobId);
      this.#restIfUnneeded();
    }
  }

  /** Calls `changed` whenever something of the job may have changed, until the returned function is called. */
  watch(jobId: string, changed: () => void): () => void {
    const watching = this.#watching.get(jobId) ?? new Set();
    this.#watching.set(jobId, watching.add(changed));
    this.#listen();
    return () => {
      watching.delete(changed);
      // it may be called twice, when others watch the job again
      if (watching.size === 0 && this.#watching.get(jobId) === watching) this.#watching.delete(jobId);
      this.#restIfUnneeded();
    };
  }

  /** It has ended. */
  #announce(jobId: string): void {
    for (const resolve of this.#waiting.get(jobId) ?? []) resolve();
    this.#changed(jobId);
  }

  /** The job has started, made progress, or will be retried. Errors of watchers are published and affect nothing else. */
  #changed(jobId: string): void {
    for (const changed of [...(this.#watching.get(jobId) ?? [])]) {
      try {
        changed();
      } catch (error) {
        this.#instrument["step.failed"].publish({ step: "watch job", error, about: { job: jobId } });
      }
    }
  }

  /** Checks the jobs that anyone waits for or watches, because other processes end jobs too. */
  async look(): Promise<void> {
    for (const jobId of [...this.#watching.keys()]) this.#changed(jobId);
    for (const jobId of [...this.#waiting.keys()]) if (await this.#isOver(jobId)) this.#announce(jobId);
  }

  #listen(): void {
    if (this.#subscribed.length > 0) return;
    const changed = ({ jobId }: { readonly jobId: string }) => this.#changed(jobId);
    const ended = ({ jobId }: { readonly jobId: string }) => this.#announce(jobId);
    this.#subscribed = [
      this.#instrument["job.begun"].subscribe(({ id }) => this.#changed(id)),
      this.#instrument["job.progressed"].subscribe(changed),
      this.#instrument["job.scheduled"].subscribe(changed),
      this.#instrument["job.succeeded"].subscribe(ended),
      this.#instrument["job.failed"].subscribe(ended),
      this.#instrument["job.cancelled"].subscribe(ended),
    ];
  }

  #restIfUnneeded(): void {
    if (this.#waiting.size + this.#watching.size > 0) return;
    for (const unsubscribe of this.#subscribed) unsubscribe();
    this.#subscribed = [];
  }

  async #isOver(jobId: string): Promise<boolean> {
    const job = await this.#store.records.get(jobId);
    return !job || (job.status !== "queued" && job.status !== "running");
  }
}
