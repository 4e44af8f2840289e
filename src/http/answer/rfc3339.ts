import { dateOf } from "../../core/instant.ts";

/** A moment as the API writes it: UTC, with milliseconds. */
export function rfc3339(ms: number): string {
  return dateOf(ms).toISOString();
}

export function rfc3339OrNull(ms: number | null): string | null {
  return ms === null ? null : rfc3339(ms);
}
