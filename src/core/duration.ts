import { InvalidInputError } from "./errors.ts";

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export const { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS } = UNIT_MS;
type Unit = keyof typeof UNIT_MS;

/** The part of a duration in one unit; several parts follow each other from the largest unit to the smallest. */
type Part<Of extends Unit> = "" | `${number}${Of}`;

/**
 * A span of time: milliseconds as a number, or a string of one or more parts such as `"500ms"`, `"30s"`, `"1h30m"`, `"7d"`. One that a
 * program reads from elsewhere as a plain string is checked at run time: `process.env.TIMEOUT as Duration`.
 */
export type Duration = number | Exclude<`${Part<"d">}${Part<"h">}${Part<"m">}${Part<"s">}${Part<"ms">}`, "">;

/** As a pattern of JSON Schema. */
export const DURATION_PATTERN = String.raw`^(\d+(\.\d+)?(ms|s|m|h|d))+$`;
const WHOLE = /^(\d+(?:\.\d+)?(ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** A century: added to any time that a job may have, it still gives a valid date. */
const LONGEST_MS = 36_525 * UNIT_MS.d;

/**
 * The milliseconds of a duration, rounded.
 * @param path names the field in the error.
 * @throws InvalidInputError when it is not a duration, is negative, or is longer than 100 years.
 */
export function parseDuration(value: number | string, path: readonly (string | number)[] = []): number {
  const ms = typeof value === "number" ? value : sumOfParts(value);
  if (ms >= 0 && ms <= LONGEST_MS) return Math.round(ms);
  const shown = shownDuration(value);
  const detail =
    ms > LONGEST_MS && Number.isFinite(ms)
      ? `${shown} is too long; at most 100 years`
      : `${shown} is not a duration; write it like 500ms, 30s, 5m, 2h or 7d`;
  throw new InvalidInputError([{ path, detail }]);
}

/** Without types, it may be anything, of any length. */
function shownDuration(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 50 ? `${value.slice(0, 50)}…` : value);
  return typeof value === "object" || typeof value === "symbol" ? `the ${typeof value}` : String(value);
}

function sumOfParts(text: string): number {
  if (typeof text !== "string" || !WHOLE.test(text)) return Number.NaN;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART)) ms += Number(amount) * UNIT_MS[unit as Unit]; // PART admits only units
  return ms;
}

/** A duration as a string, to the second: `2h5m`, `1d`, `30s`. */
export function durationText(ms: number): string {
  let left = Math.round(ms / UNIT_MS.s) * UNIT_MS.s;
  let text = "";
  for (const unit of ["d", "h", "m", "s"] as const) {
    const amount = Math.floor(left / UNIT_MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    left -= amount * UNIT_MS[unit];
  }
  return text || "0s";
}
