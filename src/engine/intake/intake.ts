import { DuplicateKeyError, KeyReusedError } from "../../core/errors.ts";
import type { IdempotencyClaim, NewJob } from "../../store/queue.ts";
import type { JobSink } from "./job-sink.ts";

/**
 * Makes requests with the same key one request, for as long as keys are remembered (`retainKeys`).
 * @example
 * await posthorn.webhooks.deliver(request, { scope: "shop", key: `order-${id}`, fingerprint: JSON.stringify(request) });
 */
export interface Idempotency {
  /** Whose key it is: caller and route. */
  readonly scope: string;
  readonly key: string;
  /** Tells a repeated request from another one that uses its key. */
  readonly fingerprint: string;
}

/** The job is durable. */
export interface Accepted {
  readonly jobId: string;
  /** An earlier request with the same idempotency key made it; this one made nothing. */
  readonly replayed: boolean;
  /** A live job of the task has the same `key`: it is that one, and this request made nothing. */
  readonly existing: boolean;
}

export interface IntakeParts {
  readonly sink: JobSink;
  /** How long an idempotency key is remembered, in milliseconds. */
  readonly keyRetentionMs: number;
  /** What a request whose key was used by the same request before gets: the first answer, or DuplicateKeyError. */
  readonly duplicateKeys: "replay" | "reject";
}

/** The one door that jobs come in by, whatever their task. */
export class Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Resolves once the job is on disk.
   * @throws OverloadedError, StoreUnavailableError: nothing was kept, try again.
   * @throws KeyReusedError, DuplicateKeyError when the idempotency key was used before.
   */
  async accept(job: NewJob, idempotency?: Idempotency): Promise<Accepted> {
    const { sink, duplicateKeys } = this.#parts;
    const { kind, jobId } = await sink.enqueue(job, idempotency && this.#claim(idempotency, job.createdAt));
    if (kind === "mismatch") throw new KeyReusedError();
    if (kind === "replayed" && duplicateKeys === "reject") throw new DuplicateKeyError();
    return { jobId, replayed: kind === "replayed", existing: kind === "existing" };
  }

  #claim({ scope, key, fingerprint }: Idempotency, now: number): IdempotencyClaim {
    return { scope, key, fingerprint, expiresAt: now + this.#parts.keyRetentionMs };
  }
}
