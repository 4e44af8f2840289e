import type { By } from "../core/actor.ts";
import { innerPart } from "../core/inner-part.ts";
import type { Job } from "../core/job.ts";
import { wrong } from "../core/options.ts";
import type { Store } from "../store/store.ts";
import type { Audit } from "./audit/audit.ts";
import type { Engine } from "./engine.ts";
import { checkJobId, checkWait } from "./job-queries.ts";
import type { Standing } from "./standing.ts";
import { StoredJobs } from "./stored-jobs.ts";

/** Where a Posthorn keeps its jobs in their own form. */
export const JOBS = Symbol.for("posthorn.jobs");

/** The jobs of a Posthorn as they are stored: for its own surfaces. Programs have `posthorn.jobs`. */
export function jobsOf(posthorn: object): Jobs {
  return innerPart(posthorn, JOBS);
}

/** `StoredJobs` in a process with an engine, which is told of each change. */
export class Jobs extends StoredJobs {
  readonly #engine: Engine;

  constructor(store: Store, engine: Engine, audit?: Audit) {
    super(store, engine.clock, audit);
    this.#engine = engine;
  }

  override async rerun(id: string, by?: By): Promise<void> {
    await super.rerun(id, by);
    this.#engine.wake();
  }

  /** @deprecated The old name of `rerun`, for failed and cancelled jobs only. */
  override async retry(id: string, by?: By): Promise<void> {
    await super.retry(id, by);
    this.#engine.wake();
  }

  override async cancel(id: string, by?: By): Promise<void> {
    await this.#engine.giveBack(checkJobId(id));
    await super.cancel(id, by);
  }

  protected override cancelled({ id, task }: Job): void {
    this.#engine.forget(id, task);
  }

  /** Where a job stands while it is live; undefined once it is gone. */
  standing(job: Job): Promise<Standing | undefined> {
    return this.#engine.standing(job);
  }

  /** Calls `changed` whenever the job may have changed, in any process, until the returned function is called. */
  watch(id: string, changed: () => void): () => void {
    if (typeof changed !== "function") throw wrong(["changed"], "must be a function");
    return this.#engine.watchJob(checkJobId(id), changed);
  }

  /** The job once it has ended, or as it stands after `ms` milliseconds, or when `signal` is aborted. */
  async waitUntilEnded(id: string, ms: number, signal?: AbortSignal): Promise<Job> {
    checkWait(ms, signal);
    await this.#engine.ended(checkJobId(id), ms, signal);
    return this.get(id);
  }
}
