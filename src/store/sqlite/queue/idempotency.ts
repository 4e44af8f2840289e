import type { IdempotencyClaim } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";

/** What the first request with a key was answered. */
export interface FirstAnswer {
  readonly kind: "replayed" | "mismatch";
  /** The job that it made; null for a submission. */
  readonly job: string | null;
  /** What a submission made; null for a single job. */
  readonly answer: string | null;
}

/** Idempotency keys: a second request with one is answered with what the first one made. */
export class IdempotencyKeys {
  readonly #find: Statement<Omit<FirstAnswer, "kind"> & { fingerprint: string; expires_at: number }>;
  readonly #keep: Statement;

  constructor(db: Database) {
    this.#find = db.prepare(
      "select fingerprint, job, answer, expires_at from idempotency_keys where scope = ? and key = ?",
    );
    this.#keep = db.prepare(`
      insert or replace into idempotency_keys (scope, key, fingerprint, job, answer, expires_at)
      values (?, ?, ?, ?, ?, ?)`);
  }

  /** Undefined if the key has not been used, or if its record has expired. */
  first({ scope, key, fingerprint }: IdempotencyClaim, now: number): FirstAnswer | undefined {
    const used = this.#find.get(scope, key);
    if (!used || used.expires_at <= now) return undefined;
    const { job, answer } = used;
    return { kind: used.fingerprint === fingerprint ? "replayed" : "mismatch", job, answer };
  }

  keep(claim: IdempotencyClaim, job: string | null, answer: string | null): void {
    const { scope, key, fingerprint, expiresAt } = claim;
    this.#keep.run(scope, key, fingerprint, job, answer, expiresAt);
  }
}
