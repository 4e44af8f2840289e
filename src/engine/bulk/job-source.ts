import type { BulkJobs, FoundJob } from "../../store/bulk.ts";
import type { BulkPage, BulkSource, Decision, FoundPage, PinnedJobs } from "./bulk-source.ts";

/** What only the owner of a kind of job knows about it. */
export interface Redelivering {
  /** What a run does with delivered jobs that it sends again, in their order. */
  decide(jobs: readonly FoundJob[], page: BulkPage): Promise<readonly Decision[]>;
}

/** The jobs that a filter finds, and what a run's action means for each in the state that it is in. */
export class JobSource implements BulkSource<PinnedJobs> {
  readonly #jobs: Pick<BulkJobs, "next">;
  readonly #redelivering: Redelivering;

  constructor(jobs: Pick<BulkJobs, "next">, redelivering: Redelivering) {
    this.#jobs = jobs;
    this.#redelivering = redelivering;
  }

  async next({ jobs: filter }: PinnedJobs, page: BulkPage): Promise<FoundPage> {
    const { jobs, last } = await this.#jobs.next(filter, page);
    const { action } = page.run;
    const decisions =
      action === "redeliver" || action === "replay"
        ? await this.#redelivering.decide(jobs, page)
        : jobs.map((job) => decisionOn(job, action));
    const found = jobs.flatMap(({ id, task, lane, status, class: ofClass, createdAt, ...job }, at) => {
      const decision = decisions[at];
      const fingerprint = status === "succeeded" ? null : job.fingerprint;
      return decision ? [{ id, task, lane, class: ofClass, fingerprint, createdAt, decision }] : [];
    });
    return { found, last };
  }
}

function decisionOn({ id: jobId, status }: FoundJob, action: BulkPage["run"]["action"]): Decision {
  const isDead = status === "failed" || status === "cancelled";
  if (action === "rerun" && isDead) return { kind: "again", jobId };
  if (action === "run_now" && status === "queued") return { kind: "run_now", jobId };
  if (action === "cancel" && (status === "queued" || status === "running")) return { kind: "cancel", jobId };
  return { kind: "skip", reason: status };
}
