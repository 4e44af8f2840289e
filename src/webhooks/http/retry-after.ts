import { DAY_MS } from "../../core/duration.ts";

/**
 * A year. A receiver that asks for longer means "never", or has a bug; beyond a year a job would outlive its own retention,
 * and the sum would leave the range of a date.
 */
const LONGEST_MS = 366 * DAY_MS;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const SECONDS = /^\d+$/;
const IMF_FIXDATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

/**
 * The pause that a `Retry-After` header asks for (RFC 9110 §10.2.3), in milliseconds: whole seconds, or an HTTP-date in any
 * of its three forms. A date that has passed asks for 0; more than a year (366 days) counts as a year.
 * @returns undefined for anything else, a negative number among them: it is as if the header were not there.
 */
export function retryAfterMs(value: string, now: number): number | undefined {
  const text = value.trim();
  const wait = SECONDS.test(text) ? Number(text) * 1_000 : httpDate(text, now) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), LONGEST_MS);
}

/**
 * RFC 9110 §5.6.7; NaN when it is no HTTP-date. `Date.parse` will not do: it reads "1.5" and "hello 5" as dates,
 * takes asctime for local time, and puts two-digit years where it likes.
 */
function httpDate(text: string, now: number): number {
  const fixed = IMF_FIXDATE.exec(text);
  if (fixed) return utc(Number(fixed[3]), fixed[2], fixed[1], fixed[4], fixed[5], fixed[6]);
  const asctime = ASCTIME.exec(text);
  if (asctime) return utc(Number(asctime[6]), asctime[1], asctime[2], asctime[3], asctime[4], asctime[5]);
  const obsolete = RFC_850.exec(text);
  if (obsolete) {
    const year = fullYear(Number(obsolete[3]), now);
    return utc(year, obsolete[2], obsolete[1], obsolete[4], obsolete[5], obsolete[6]);
  }
  return Number.NaN;
}

type Digits = string | undefined;

function utc(year: number, month: Digits, day: Digits, hour: Digits, minute: Digits, second: Digits): number {
  const at = MONTHS.indexOf(month ?? "");
  const [d, h, m, s] = [Number(day), Number(hour), Number(minute), Number(second)];
  if (at < 0 || d < 1 || h > 23 || m > 59 || s > 60) return Number.NaN; // :60 is a leap second
  const ms = Date.UTC(year, at, d, h, m, s);
  return new Date(Date.UTC(year, at, d)).getUTCDate() === d ? ms : Number.NaN; // a 31st of June rolls over
}

/** RFC 9110 §5.6.7: a two-digit year that appears to be more than 50 years ahead is one of the past. */
function fullYear(twoDigits: number, now: number): number {
  const latest = new Date(now).getUTCFullYear() + 50;
  const year = latest - (latest % 100) + twoDigits;
  return year > latest ? year - 100 : year;
}
