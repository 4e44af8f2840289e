import type { FieldProblem } from "../core/errors.ts";
import { isId } from "../core/id.ts";
import { JOB_STATUSES, type JobStatus } from "../core/job.ts";
import { wrongTag } from "../core/names.ts";
import { collectProblems, textOf, wholeNumberOf } from "../core/options.ts";
import { ATTEMPT_CLASSES, type AttemptClass } from "../core/outcome.ts";
import { WAITING, type Waiting } from "../store/job-records.ts";

const MOST_ATTEMPTS = 1_000_000;
/** The most jobs that a filter may name. */
export const MOST_IDS = 1_000;

/** The conditions on jobs that are the same in a list and in a bulk run. */
interface JobConditions {
  /** Any strings, by the conditions' names. */
  readonly texts: Readonly<Record<string, string | undefined>>;
  readonly tag: string | undefined;
  readonly statuses: readonly JobStatus[] | undefined;
  readonly bulk: string | undefined;
  readonly event: string | undefined;
  readonly ids: readonly string[] | undefined;
  readonly waiting: Waiting | undefined;
  readonly classes: readonly AttemptClass[];
  readonly attemptsFrom: number | undefined;
}

/** Adds what is wrong to `problems`. @param path where the filter stands in what the caller passed. */
export function checkConditions(
  { texts, tag, statuses, bulk, event, ids, waiting, classes, attemptsFrom }: JobConditions,
  problems: FieldProblem[],
  path: FieldProblem["path"] = [],
): void {
  const refuse = (name: string, detail: string) => problems.push({ path: [...path, name], detail });
  for (const [name, text] of Object.entries(texts))
    if (text !== undefined) collectProblems(problems, () => textOf(text, [...path, name]));
  const tagProblem = tag === undefined ? undefined : wrongTag(tag);
  if (tagProblem !== undefined) refuse("tag", tagProblem);
  if (statuses !== undefined && !areStatuses(statuses))
    refuse("status", `must be one or more of ${JOB_STATUSES.join(", ")}`);
  if (bulk !== undefined && !(typeof bulk === "string" && isId("qtask", bulk)))
    refuse("bulk", "must be the id of a bulk run: qtask_…");
  if (event !== undefined && !(typeof event === "string" && isId("msg", event)))
    refuse("event", "must be the id of an event: msg_…");
  if (ids !== undefined && !(areTexts(ids) && ids.length <= MOST_IDS))
    refuse("ids", `must be a list of at most ${MOST_IDS} ids of jobs`);
  if (waiting !== undefined && !WAITING.includes(waiting))
    refuse("waiting", `must be one of ${WAITING.join(", ")}`);
  if (!classes.every((each) => ATTEMPT_CLASSES.includes(each)))
    refuse("class", `must be one of ${ATTEMPT_CLASSES.join(", ")}`);
  if (attemptsFrom !== undefined)
    collectProblems(problems, () => wholeNumberOf(attemptsFrom, 0, MOST_ATTEMPTS, [...path, "attemptsFrom"]));
}

function areTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((each) => typeof each === "string");
}

/** Without types, it may be anything. */
function areStatuses(list: readonly JobStatus[]): boolean {
  return Array.isArray(list) && list.length > 0 && list.every((each) => JOB_STATUSES.includes(each));
}
