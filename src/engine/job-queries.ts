import type { FieldProblem } from "../core/errors.ts";
import { InvalidInputError } from "../core/errors.ts";
import { isId } from "../core/id.ts";
import { LAST_MS } from "../core/instant.ts";
import { JOB_STATUSES } from "../core/job.ts";
import { SOUGHT_LENGTH, type Sought, soughtIn } from "../core/job-content.ts";
import {
  collectProblems,
  numberOf,
  textOf,
  unknownOptions,
  wholeNumberOf,
  wrong,
  YEAR_MS,
} from "../core/options.ts";
import type { AttemptPage, JobFilter, Page } from "../store/job-records.ts";
import { checkConditions } from "./job-conditions.ts";

/** More than anyone looks at, and no more than memory has room for. */
const MOST_JOBS = 10_000;
const MOST_ATTEMPTS = 1_000_000;

export const FIRST_PAGE = { limit: 50 };

const OF_FILTER = [
  "tasks",
  "lane",
  "status",
  "createdFrom",
  "createdBefore",
  "tenant",
  "event",
  "mode",
  "bulk",
  ...(["statuses", "trigger", "tag", "group", "key", "fingerprint", "class", "attemptsFrom"] as const),
  ...([
    "finishedFrom",
    "finishedBefore",
    "dueFrom",
    "dueBefore",
    "waiting",
    "durationFromMs",
    "ids",
  ] as const),
] satisfies (keyof JobFilter)[];
const OF_PAGE = ["limit", "before"] satisfies (keyof Page)[] & (keyof AttemptPage)[];

/**
 * Reads a job filter. Unknown members are refused, because ignoring one would select jobs that were not meant.
 * @throws InvalidInputError naming each member that is wrong.
 */
export function checkJobFilter(filter: JobFilter): void {
  const problems = unknownOptions(filter, OF_FILTER);
  const { tasks, lane, status, statuses, tenant, event, mode, bulk, class: ofClass, attemptsFrom } = filter;
  const { trigger, tag, group, key, fingerprint, ids, waiting, durationFromMs } = filter;
  const { createdFrom, createdBefore, finishedFrom, finishedBefore, dueFrom, dueBefore } = filter;
  if (tasks !== undefined && !isListOfTexts(tasks))
    problems.push({
      path: ["tasks"],
      detail: 'must be a list of the names of tasks, such as ["send-receipt"]',
    });
  const classes = ofClass === undefined ? [] : [ofClass];
  const texts = { lane, trigger, group, key, fingerprint };
  checkConditions({ texts, tag, statuses, bulk, event, ids, waiting, classes, attemptsFrom }, problems);
  if (durationFromMs !== undefined)
    collectProblems(problems, () =>
      wholeNumberOf(durationFromMs, 0, Number.MAX_SAFE_INTEGER, ["durationFromMs"]),
    );
  if (tenant !== undefined && !(typeof tenant === "string" && isId("app", tenant)))
    problems.push({ path: ["tenant"], detail: "must be the id of a tenant: app_…" });
  if (mode !== undefined && mode !== "live" && mode !== "test")
    problems.push({ path: ["mode"], detail: "must be live or test" });
  if (status !== undefined && !JOB_STATUSES.includes(status))
    problems.push({ path: ["status"], detail: `must be one of ${JOB_STATUSES.join(", ")}` });
  const times = { createdFrom, createdBefore, finishedFrom, finishedBefore, dueFrom, dueBefore };
  for (const [name, moment] of Object.entries(times)) {
    if (moment !== undefined && !(Number.isInteger(moment) && Math.abs(moment) <= LAST_MS))
      problems.push({
        path: [name],
        detail: "must be whole milliseconds since the epoch, such as date.getTime()",
      });
  }
  refuse(problems);
}

/** The filter, in which jobs that run now take as long as they have been running. */
export function runningAt(now: number, filter: JobFilter): JobFilter {
  const { durationFromMs } = filter;
  return durationFromMs === undefined ? filter : { ...filter, runningSince: now - durationFromMs };
}

/** @throws InvalidInputError */
export function soughtOf(text: string): Sought {
  const { least, most } = SOUGHT_LENGTH;
  if (typeof text === "string" && text.length >= least && text.length <= most) return soughtIn(text);
  throw wrong(["text"], `must be a string of ${least} to ${most} characters`);
}

/** @throws InvalidInputError */
export function checkPage(page: Page): void {
  const problems = unknownOptions(page, OF_PAGE);
  collectProblems(problems, () => wholeNumberOf(page.limit, 1, MOST_JOBS, ["limit"]));
  if (page.before !== undefined && !(typeof page.before === "string" && isId("job", page.before)))
    problems.push({ path: ["before"], detail: "must be the id of a job" });
  refuse(problems);
}

/** @throws InvalidInputError */
export function checkAttemptPage(page: AttemptPage): void {
  const problems = unknownOptions(page, OF_PAGE);
  const { before } = page;
  collectProblems(problems, () => wholeNumberOf(page.limit, 1, MOST_ATTEMPTS, ["limit"]));
  if (before !== undefined)
    collectProblems(problems, () => wholeNumberOf(before, 1, Number.MAX_SAFE_INTEGER, ["before"]));
  refuse(problems);
}

/** Any string is accepted here; one that is not an id is simply not found later. @throws InvalidInputError */
export function checkJobId(id: string): string {
  return textOf(id, ["id"], "must be the id of a job, a string");
}

/** @throws InvalidInputError */
export function checkWait(ms: number, signal: AbortSignal | undefined): void {
  numberOf(ms, 0, YEAR_MS, ["wait"]);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    refuse([{ path: ["signal"], detail: "must be an AbortSignal" }]);
}

function isListOfTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((each) => typeof each === "string");
}

function refuse(problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw new InvalidInputError(problems);
}
