import type { Clock } from "../../core/clock.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type {
  Committed,
  Enqueue,
  Enqueued,
  NewJob,
  ProgressReport,
  Submission,
  Submitted,
} from "../../store/queue.ts";
import type { Waiting } from "./arrivals.ts";

/** Publishes what a commit has made of what was asked. */
export class CommitNews {
  readonly #instrument: Instrument;
  readonly #clock: Clock;

  constructor(instrument: Instrument, clock: Clock) {
    this.#instrument = instrument;
    this.#clock = clock;
  }

  ofNew(
    enqueues: readonly Waiting<Enqueue, Enqueued>[],
    submissions: readonly Waiting<Submission, Submitted>[],
    { enqueued, submitted }: Committed,
  ): void {
    const now = enqueues.length + submissions.length > 0 ? this.#clock.now() : 0;
    for (let at = 0; at < enqueues.length; at++) {
      const job = enqueues[at]?.asked.job;
      const kind = enqueued[at]?.kind;
      if (!job || kind === undefined) continue;
      if (kind === "created") this.#tellOf(job, now);
      else this.#tellOfJoin(job.task, kind);
    }
    submissions.forEach(({ asked }, n) => {
      const [first] = asked.jobs;
      if (submitted[n]?.kind === "replayed" && first) this.#tellOfJoin(first.task, "replayed");
      asked.jobs.forEach((job, at) => {
        const kind = submitted[n]?.jobs[at]?.kind;
        if (kind === "created") this.#tellOf(job, now);
        else if (kind === "existing") this.#tellOfJoin(job.task, kind);
      });
    });
  }

  #tellOf({ id: jobId, task, lane, runAt, createdAt }: NewJob, now: number): void {
    const { "job.accepted": accepted, "job.scheduled": scheduled } = this.#instrument;
    if (accepted.isHeard) accepted.publish({ jobId, task, lane, runAt });
    // a scheduled job may have become due during the commit
    if (scheduled.isHeard && runAt > Math.min(createdAt, now)) scheduled.publish({ jobId, runAt });
  }

  #tellOfJoin(task: string, kind: string): void {
    const { "job.joined": joined } = this.#instrument;
    if (kind === "replayed") joined.publish({ task, by: "idempotency key" });
    else if (kind === "existing") joined.publish({ task, by: "key" });
  }

  ofProgress(reports: readonly ProgressReport[]): void {
    const { "job.progressed": progressed } = this.#instrument;
    if (progressed.isHeard)
      for (const { lease, progress } of reports) progressed.publish({ jobId: lease.id, progress });
  }
}
