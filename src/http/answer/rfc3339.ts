/** The first and the last moment that JavaScript's Date knows: what lies beyond stands in a damaged row. */
const LAST_MS = 8.64e15;

/** A moment as the API writes it: UTC, with milliseconds. */
export function rfc3339(ms: number): string {
  return new Date(Math.min(Math.max(ms, -LAST_MS), LAST_MS)).toISOString();
}

export function rfc3339OrNull(ms: number | null): string | null {
  return ms === null ? null : rfc3339(ms);
}
