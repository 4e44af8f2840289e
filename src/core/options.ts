import { DAY_MS, type Duration, HOUR_MS, MINUTE_MS, parseDuration } from "./duration.ts";
import { ConfigurationError, type FieldProblem, InvalidInputError, messageOf } from "./errors.ts";
import { parseInstant } from "./instant.ts";

/**
 * Readers of what callers pass: each mistake has one message, wherever it is made. They throw InvalidInputError with the path
 * of the option; `collectProblems` gathers what several of them find.
 */

type Path = FieldProblem["path"];

/** A leap year, so that "today in a year" always fits. */
export const YEAR_MS = 366 * DAY_MS;

export function wrong(path: Path, detail: string): InvalidInputError {
  return new InvalidInputError([{ path, detail }]);
}

/** Returns what `read` returns. If `read` finds its input invalid, returns undefined and adds its problems to the others. */
export function collectProblems<T>(problems: FieldProblem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/**
 * Problems for unknown options: a misspelt one would otherwise silently do nothing.
 * @returns a new list; the caller adds whatever else is wrong.
 * @throws InvalidInputError when they are not an object with members: `retry: 5`, a Map, a Date, or a promise that was not awaited has
 * none, and would pass.
 */
export function unknownOptions(options: object, known: readonly string[], path: Path = []): FieldProblem[] {
  if (!hasMembers(options))
    throw wrong(path.length > 0 ? path : ["options"], `must be an object with ${known.join(", ")}`);
  const problems: FieldProblem[] = [];
  for (const name in options)
    if (!known.includes(name))
      problems.push({ path: [...path, name], detail: `is unknown; valid names are ${known.join(", ")}` });
  return problems;
}

/** @throws InvalidInputError saying `what` it must be, unless it is an object with members. */
export function refuseOther(options: object, path: Path, what: string): void {
  if (!hasMembers(options)) throw wrong(path, what);
}

function hasMembers(options: object): boolean {
  if (typeof options !== "object" || options === null || Symbol.iterator in options) return false;
  return (
    Object.getPrototypeOf(options) === Object.prototype || PLAIN.has(Object.prototype.toString.call(options))
  );
}

/** What options can be besides literals: instances of classes, and modules. */
const PLAIN: ReadonlySet<string> = new Set(["[object Object]", "[object Module]"]);

/** @throws InvalidInputError naming those that are not known, or when they are not an object. */
export function refuseUnknown(options: object | undefined, known: readonly string[], path: Path = []): void {
  const problems = options === undefined ? [] : unknownOptions(options, known, path);
  if (problems.length > 0) throw new InvalidInputError(problems);
}

/**
 * As `refuseUnknown`, for what a program is configured with.
 * @param caller what takes the options.
 * @throws ConfigurationError
 */
export function refuseUnknownSettings(caller: string, options: object, known: readonly string[]): void {
  try {
    refuseUnknown(options ?? null, known); // left out is as wrong as null
  } catch (cause) {
    throw new ConfigurationError(`${caller}: ${messageOf(cause)}`, { cause });
  }
}

/** @throws InvalidInputError */
export function wholeNumberOf(value: number, least: number, most: number, path: Path): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const given = typeof value === "number" ? `, not ${value}` : "";
  throw wrong(path, `must be a whole number from ${least} to ${most}${given}`);
}

/** @throws InvalidInputError */
export function textOf(value: string, path: Path, what = "must be a string"): string {
  if (typeof value === "string") return value;
  throw wrong(path, what);
}

/** @throws InvalidInputError */
export function numberOf(value: number, least: number, most: number, path: Path): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw wrong(path, `must be from ${least} to ${most}`);
}

/**
 * In milliseconds.
 * @throws InvalidInputError
 */
export function durationOf(value: Duration, leastMs: number, mostMs: number, path: Path): number {
  const ms = parseDuration(value, path);
  if (ms >= leastMs && ms <= mostMs) return ms;
  if (leastMs === 0 && mostMs === YEAR_MS) throw wrong(path, "must be at most a year (366d)");
  throw wrong(path, `must be from ${shownDuration(leastMs)} to ${shownDuration(mostMs)}`);
}

/**
 * In milliseconds since the epoch.
 * @throws InvalidInputError
 */
export function instantOf(value: string | Date, path: Path): number {
  const ms = value instanceof Date ? value.getTime() : parseInstant(value);
  if (!Number.isNaN(ms)) return ms;
  throw wrong(path, "must be an RFC 3339 time with its offset, such as 2030-01-31T09:00:00Z");
}

/** When something should be done: at most one of the two. */
export interface DueOptions {
  readonly runAt?: string | Date;
  readonly delay?: Duration;
}

/** In milliseconds since the epoch; undefined when neither is given. What is wrong is added to `problems`. */
export function dueAt(
  { runAt, delay }: DueOptions,
  now: number,
  problems: FieldProblem[],
): number | undefined {
  if (runAt === undefined && delay === undefined) return undefined;
  const at = runAt === undefined ? undefined : collectProblems(problems, () => instantOf(runAt, ["runAt"]));
  const waitMs =
    delay === undefined
      ? undefined
      : collectProblems(problems, () => durationOf(delay, 0, YEAR_MS, ["delay"]));
  if (runAt !== undefined && delay !== undefined)
    problems.push({
      path: ["delay"],
      detail: "cannot be given with a moment to run at; give one of the two",
    });
  if (at !== undefined && at - now > YEAR_MS)
    problems.push({ path: ["runAt"], detail: "must be at most a year (366d) from now" });
  return at ?? (waitMs === undefined ? undefined : now + waitMs);
}

const UNITS = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["m", MINUTE_MS],
  ["s", 1_000],
] as const;

function shownDuration(ms: number): string {
  const [unit, size] = UNITS.find(([, unitMs]) => ms > 0 && ms % unitMs === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
