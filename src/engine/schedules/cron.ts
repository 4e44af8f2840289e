import { Cron } from "croner";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import type { Schedule } from "../../store/shelves/schedules.ts";

type Timing = Pick<Schedule, "cron" | "timeZone">;

/**
 * When a cron expression is next due after a given moment; null when never.
 * @throws ConfigurationError for an invalid expression or time zone.
 */
export function nextRun(cron: string, timeZone: string, after: number): number | null {
  const pattern = read({ cron, timeZone });
  try {
    return pattern.nextRun(new Date(after))?.getTime() ?? null;
  } catch (error) {
    throw refusal(
      { cron, timeZone },
      "timeZone is unknown; write an IANA name, such as Europe/Berlin",
      error,
    );
  }
}

/**
 * When a schedule that is declared now is first due.
 * @throws ConfigurationError for an expression that is invalid or matches no day, and for an invalid time zone.
 */
export function firstRun({ cron, timeZone }: Timing, now: number): number {
  const first = nextRun(cron, timeZone, now);
  if (first === null)
    throw refusal({ cron, timeZone }, "cron matches no day that exists; correct its day and month");
  return first;
}

/** The latest run that is due: a process that slept over several owes at most that one. */
export function lastRun(cron: string, timeZone: string, dueAt: number, now: number): number {
  const [last] = read({ cron, timeZone }).previousRuns(1, new Date(now + 1));
  return Math.max(dueAt, last?.getTime() ?? dueAt);
}

const FIELDS = "five fields (minute, hour, day of month, month, day of week), or six with seconds first";

function read({ cron, timeZone }: Timing): Cron {
  // Cron takes dates and offsets as well, and never ends for one that is infinite
  if (typeof cron !== "string") throw refusal({ cron, timeZone }, `cron must be a string: ${FIELDS}`);
  // Cron takes this for a time, which is due once
  if (cron.includes(":"))
    throw refusal(
      { cron, timeZone },
      `cron takes ${FIELDS}, not a time; for a single run, enqueue a job with runAt`,
    );
  if (typeof timeZone !== "string" || timeZone === "")
    // Cron would use the machine's
    throw refusal({ cron, timeZone }, "timeZone must be an IANA name, such as Europe/Berlin");
  try {
    return new Cron(cron, { timezone: timeZone, mode: "5-or-6-parts" });
  } catch (error) {
    throw refusal({ cron, timeZone }, `cron takes ${FIELDS}: ${messageOf(error)}`, error);
  }
}

function refusal({ cron, timeZone }: Timing, detail: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    `${JSON.stringify(cron)} in the time zone ${JSON.stringify(timeZone)} is not a schedule: ${detail}`,
    { cause },
  );
}
