import type { Job } from "../../core/job.ts";
import type { Jobs } from "../../engine/jobs.ts";

/** Past this, a request that would wait is answered at once: waiting is a courtesy, and must not keep others out. */
const MOST_WAITS = 1_000;

/** The requests that wait for a job's end (`Prefer: wait`). */
export class Waits {
  readonly #jobs: Pick<Jobs, "waitUntilEnded">;
  readonly #open = new Set<() => void>();
  #stopped = false;

  constructor(jobs: Pick<Jobs, "waitUntilEnded">) {
    this.#jobs = jobs;
  }

  /** How many are waiting now. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * The job once it has ended; undefined if it did not end in time, the caller went away, or the server stops. Never
   * throws: the
   * job was accepted, whatever becomes of watching it.
   */
  async end(jobId: string, seconds: number, callerGone: AbortSignal): Promise<Job | undefined> {
    if (this.#stopped || callerGone.aborted || this.#open.size >= MOST_WAITS) return undefined;
    const wait = new AbortController();
    const giveUp = () => wait.abort();
    this.#open.add(giveUp);
    callerGone.addEventListener("abort", giveUp);
    try {
      const job = await this.#jobs.waitUntilEnded(jobId, seconds * 1_000, wait.signal);
      return hasEnded(job) ? job : undefined;
    } catch {
      return undefined;
    } finally {
      this.#open.delete(giveUp);
      callerGone.removeEventListener("abort", giveUp);
    }
  }

  /** Ends every wait now, and every future one at once. */
  stop(): void {
    this.#stopped = true;
    for (const giveUp of this.#open) giveUp();
  }
}

export function hasEnded({ status }: Job): boolean {
  return status !== "queued" && status !== "running";
}
