import type { BulkRun } from "../../store/shelves/bulk-runs.ts";
import type { FoundPage } from "./bulk-source.ts";

/** How a run goes: kept with it, so that nobody who looks has to count. */
export interface Course {
  /** How many it will have found when it is done. */
  readonly total: number;
  /** Whether there are more, which were not counted yet. */
  readonly isMore: boolean;
  /** The job and pace of its present stretch, when that began, and how many had been found by then. */
  readonly driver: string;
  readonly pace: number | null;
  readonly since: number;
  readonly from: number;
}

/** What is left of a run. */
export interface Remaining {
  /** How many jobs it has still to find. With `atLeast`, there are more than were counted. */
  readonly n: number;
  readonly atLeast: boolean;
  /** How long that takes as fast as it goes now, in seconds; null while that is unknown. */
  readonly seconds: number | null;
}

/** The rate of a shorter stretch says little. */
const TELLING_MS = 1_000;

/**
 * How the run goes from this batch on. What is ahead is counted at its start, and again whenever it has come to the end of what was counted.
 * @param page what the batch found, to be the last of it if nothing follows.
 * @param count how many there are from the run's place on, or so many and more.
 */
export async function courseOf(
  run: BulkRun,
  page: FoundPage,
  now: number,
  count: () => Promise<Pick<Course, "total" | "isMore">>,
): Promise<Course> {
  const before = courseIn(run);
  const reached = run.matched + page.found.length;
  const extent = async () => {
    if (page.last === null) return { total: reached, isMore: false };
    if (before && !(before.isMore && reached >= before.total)) return before;
    const { total, isMore } = await count();
    return { total: run.matched + total, isMore };
  };
  const { total, isMore } = await extent();
  const { driver, pace } = run;
  // what it waited, stopped, or did at another pace says nothing about how fast it goes
  const isSame = before?.driver === driver && before.pace === pace;
  const { since, from } = isSame ? before : { since: now, from: run.matched };
  return { total, isMore, driver, pace, since, from };
}

/** Jobs per second; undefined while that is unknown. */
export function rateOf(run: BulkRun): number | undefined {
  const course = run.state === "running" ? courseIn(run) : undefined;
  if (!course || course.driver !== run.driver || course.pace !== run.pace) return undefined;
  const ms = run.updatedAt - course.since;
  return ms < TELLING_MS || run.matched <= course.from
    ? undefined
    : (1_000 * (run.matched - course.from)) / ms;
}

/** Undefined for a run that has not begun, and for one that finds nothing more. */
export function remainingOf(run: BulkRun): Remaining | undefined {
  const course = courseIn(run);
  const goesOn = run.state === "running" || run.state === "paused" || run.state === "stopped";
  if (!course || !goesOn) return undefined;
  const n = Math.max(0, course.total - run.matched);
  const rate = rateOf(run);
  return { n, atLeast: course.isMore, seconds: rate === undefined ? null : Math.ceil(n / rate) };
}

function courseIn({ course }: BulkRun): Course | undefined {
  return course === null ? undefined : (JSON.parse(course) as Course); // only the run's job writes it
}
