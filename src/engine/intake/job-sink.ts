import type { Enqueued, IdempotencyClaim, NewJob } from "../../store/queue.ts";

/** Where jobs are put. The promise resolves once the job is durable. */
export interface JobSink {
  /** @throws OverloadedError, StoreUnavailableError: nothing was kept. */
  enqueue(job: NewJob, idempotency?: IdempotencyClaim): Promise<Enqueued>;
}
