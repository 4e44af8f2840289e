import type { FieldProblem } from "../../core/errors.ts";
import { parseInstant } from "../../core/instant.ts";

/**
 * The milliseconds since the epoch of a moment given by a caller: a `Date`, or RFC 3339 text with its offset.
 * @returns undefined, and a problem added, when it is neither.
 */
export function readInstant(
  value: string | Date,
  path: readonly string[],
  problems: FieldProblem[],
): number | undefined {
  const ms = value instanceof Date ? value.getTime() : parseInstant(value);
  if (!Number.isNaN(ms)) return ms;
  problems.push({ path, detail: "must be a moment as in RFC 3339, with its offset: 2030-01-31T09:00:00Z" });
  return undefined;
}
