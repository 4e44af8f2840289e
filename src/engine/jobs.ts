import type { Job } from "../core/job.ts";
import { wrong } from "../core/options.ts";
import type { Store } from "../store/store.ts";
import type { Engine } from "./engine.ts";
import { checkJobId, checkWait } from "./job-queries.ts";
import { StoredJobs } from "./stored-jobs.ts";

/**
 * Looks jobs up and changes them by hand, whatever their task.
 * @throws JobNotFoundError from every method that takes a job's id and returns a promise, when no job has the id.
 * @throws InvalidInputError from every method, naming what is not known or has the wrong type.
 * @throws StoreUnavailableError from every method, when the database does not answer.
 * @example
 * for (const { id } of await posthorn.jobs.list({ status: "failed" }, { limit: 100 })) await posthorn.jobs.rerun(id);
 */
export class Jobs extends StoredJobs {
  readonly #engine: Engine;

  constructor(store: Store, engine: Engine) {
    super(store, engine.clock);
    this.#engine = engine;
  }

  override async rerun(id: string): Promise<void> {
    await super.rerun(id);
    this.#engine.wake();
  }

  /** @deprecated The old name of `rerun`, for failed and cancelled jobs only. */
  override async retry(id: string): Promise<void> {
    await super.retry(id);
    this.#engine.wake();
  }

  override async cancel(id: string): Promise<void> {
    await this.#engine.giveBack(checkJobId(id));
    await super.cancel(id);
    this.#engine.forget(id);
  }

  /**
   * Calls `changed` whenever something of the job may have changed, in any process, until the returned function is called.
   * @example
   * const stop = posthorn.jobs.watch(jobId, async () => console.log((await posthorn.jobs.get(jobId)).progress));
   */
  watch(id: string, changed: () => void): () => void {
    if (typeof changed !== "function") throw wrong(["changed"], "must be a function");
    return this.#engine.watchJob(checkJobId(id), changed);
  }

  /**
   * The job once it has ended, or as it stands after `ms` milliseconds, or when `signal` is aborted.
   * @example
   * const { status } = await posthorn.jobs.waitUntilEnded(jobId, 5_000);
   */
  async waitUntilEnded(id: string, ms: number, signal?: AbortSignal): Promise<Job> {
    checkWait(ms, signal);
    await this.#engine.ended(checkJobId(id), ms, signal);
    return this.get(id);
  }
}
