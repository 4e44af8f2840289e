import type { BulkAnswer } from "../../../src/http/schemas/bulk.ts";

/** What `POST /bulk` takes. */
export interface RunRequest {
  readonly action: BulkAnswer["action"];
  readonly filter: Readonly<Record<string, unknown>>;
  readonly what?: "failed" | "missing" | "all";
}

/**
 * A run as it can be asked for once more.
 * @param until `now`: with what has come since; `then`: with nothing that the run is not about.
 */
export function requestOf(
  { action, filter, what, created_at }: BulkAnswer,
  until: "now" | "then",
): RunRequest {
  const pinnedAt = Date.parse(created_at);
  const conditions = Object.entries(filter).filter(([name, value]) => {
    const isPin = name.endsWith("_before") && Date.parse(String(value)) >= pinnedAt;
    return until === "then" || !isPin;
  });
  return { action, filter: Object.fromEntries(conditions), ...(what && { what }) };
}
