import { count, jobId, json, name, nullable, text, time } from "./tables/column.ts";
import { Table } from "./tables/table.ts";

// what each database reads and writes in its own way, but whose rows go into an export as they are

export const GROUPS = new Table("groups", ["id"], {
  id: name,
  /** The follow-up. */
  on_settled: json,
  total: count,
  pending: count,
  succeeded: count,
  failed: count,
  cancelled: count,
  created_at: time,
  settled_at: nullable(time),
});

export const IDEMPOTENCY_KEYS = new Table("idempotency_keys", ["scope", "key"], {
  scope: text,
  key: name,
  fingerprint: text,
  /** The job that the key made, or the answer to a submission of several. */
  job: nullable(jobId),
  answer: nullable(json),
  expires_at: time,
});
