import { DAY_MS } from "../../../core/duration.ts";
import { firstIdAt } from "../../../core/id.ts";
import { uuidOf } from "../job-id.ts";

/** A partition is a day of UTC, or several: from a time (inclusive) to another (exclusive), by the creation times in ids. Without a start or an end, they are infinite. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** When the day of a moment began. */
export function dayOf(ms: number): number {
  return ms - (ms % DAY_MS);
}

/** When a UUIDv7 was made. */
export function timeOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** The first UUID that can be made at a moment. */
export function firstUuidAt(ms: number): string {
  return uuidOf(firstIdAt("job", ms));
}

/** What the names of a span's partitions end with: the day it begins with. */
export function suffixOf({ from, to }: Span): string {
  if (to === Number.POSITIVE_INFINITY) return "future";
  if (from === Number.NEGATIVE_INFINITY) return "past";
  return new Date(from).toISOString().slice(0, 10).replaceAll("-", "");
}

/** As `create table … partition of` wants it. */
export function boundsOf({ from, to }: Span): string {
  const lower = from === Number.NEGATIVE_INFINITY ? "minvalue" : `'${firstUuidAt(from)}'`;
  const upper = to === Number.POSITIVE_INFINITY ? "maxvalue" : `'${firstUuidAt(to)}'`;
  return `from (${lower}) to (${upper})`;
}

/** Reads a range as the catalog shows it; undefined if somebody has created partitions by hand that are not bounded by ids. */
export function spanOf(bounds: string): Span | undefined {
  const [, lower, upper] = BOUNDS.exec(bounds) ?? [];
  if (lower === undefined || upper === undefined) return undefined;
  return {
    from: lower === "MINVALUE" ? Number.NEGATIVE_INFINITY : timeOf(lower),
    to: upper === "MAXVALUE" ? Number.POSITIVE_INFINITY : timeOf(upper),
  };
}

const BOUNDS = /^FOR VALUES FROM \('?(MINVALUE|[0-9a-f-]{36})'?\) TO \('?(MAXVALUE|[0-9a-f-]{36})'?\)$/;
