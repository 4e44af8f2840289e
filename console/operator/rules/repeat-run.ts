import type { BulkAnswer } from "../../../src/http/schemas/bulk.ts";

/** What `POST /bulk` takes. */
export interface RunRequest {
  readonly action: BulkAnswer["action"];
  readonly filter: Readonly<Record<string, unknown>>;
  readonly what?: "failed" | "missing" | "all";
}

/** A run as it can be asked for once more, with what has come since. */
export function requestOf({ action, filter, what, created_at }: BulkAnswer): RunRequest {
  const pinnedAt = Date.parse(created_at);
  const conditions = Object.entries(filter).filter(([name, value]) => {
    return !(name.endsWith("_before") && Date.parse(String(value)) >= pinnedAt);
  });
  return { action, filter: Object.fromEntries(conditions), ...(what && { what }) };
}
