import { dateOf } from "../../core/instant.ts";

/** A moment as the API writes it: UTC, with milliseconds. */
export function rfc3339(moment: number | Date): string {
  return (typeof moment === "number" ? dateOf(moment) : moment).toISOString();
}

export function rfc3339OrNull(moment: number | Date | null): string | null {
  return moment === null ? null : rfc3339(moment);
}
