const RFC_3339 = /^(\d{4}-(\d{2})-(\d{2}))[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * The milliseconds since the epoch of an RFC 3339 string with its offset, or NaN for any other string. `Date.parse` accepts more, and
 * takes the 30th of February for the 1st of March.
 */
export function parseInstant(text: string): number {
  const parts = typeof text === "string" ? RFC_3339.exec(text) : null;
  if (!parts) return Number.NaN;
  const [, date, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = parts;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const rolledOver = Number(day) === 0 || new Date(midnight).getUTCDate() !== Number(day);
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const [oh, om] = [Number(offsetHour ?? 0), Number(offsetMinute ?? 0)];
  if (Number(month) > 12 || rolledOver || h > 23 || m > 59 || s > 60 || oh > 23 || om > 59) return Number.NaN;
  const offsetMs = (oh * 60 + om) * 60_000 * (sign === "-" ? -1 : 1);
  return midnight + (h * 3_600 + m * 60 + s) * 1_000 + Math.floor(Number(fraction ?? 0) * 1_000) - offsetMs;
}

/** The first and the last moment that JavaScript's Date knows: what lies beyond stands in a damaged row. */
export const LAST_MS = 8.64e15;

/** @param ms since the epoch. */
export function dateOf(ms: number): Date {
  return new Date(Math.min(Math.max(ms, -LAST_MS), LAST_MS));
}

export function dateOrNull(ms: number | null): Date | null {
  return ms === null ? null : dateOf(ms);
}
