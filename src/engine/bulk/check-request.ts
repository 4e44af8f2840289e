import { DAY_MS, parseDuration } from "../../core/duration.ts";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { collectProblems, instantOf, textOf, unknownOptions, wholeNumberOf } from "../../core/options.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { JobFilter } from "../../store/job-records.ts";
import { checkConditions } from "../job-conditions.ts";
import { runningAt } from "../job-queries.ts";
import type { BulkAction, BulkFilter, BulkRequest } from "./bulk-request.ts";
import type { PinnedEvents } from "./bulk-source.ts";
import { MOST_PACE } from "./lane-paces.ts";

export const ACTIONS: readonly BulkAction[] = ["redeliver", "rerun", "run_now", "cancel", "replay", "erase"];
const MEMBERS = ["action", "filter", "what", "pace", "startsIn", "note"] satisfies (keyof BulkRequest)[];
const TEXTS = [
  "task",
  "endpoint",
  "lane",
  "tenant",
  "trigger",
  "tag",
  "group",
  "key",
  "fingerprint",
] as const;
const TIMES = [
  "createdFrom",
  "createdBefore",
  "finishedFrom",
  "finishedBefore",
  "dueFrom",
  "dueBefore",
] as const;
const OTHERS = ["bulk", "event", "class", "attemptsFrom", "durationFrom", "waiting", "ids"] as const;
const OF_FILTER = ["status", ...TEXTS, ...OTHERS, ...TIMES] satisfies (keyof BulkFilter)[];
const OF_ERASURE = ["tenant", "createdFrom", "createdBefore"];
const OF_REPLAY = [...OF_ERASURE, "endpoint", "status", "class", "type", "channel", "tag"];
/** The most event types that a replay may name. */
export const MOST_TYPES = 100;
const DEFAULT_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = DAY_MS;
export const LONGEST_NOTE = 1_000;

/** What a request asks for, with durations read; its tenant and endpoint are not looked up yet. */
interface CheckedRequest {
  readonly startsInMs: number;
  readonly jobs: JobFilter;
  /** What only a replay asks for. */
  readonly events: Pick<PinnedEvents, "types" | "classes" | "channel">;
}

/** @throws InvalidInputError naming every field that is wrong. */
export function checkRequest(request: BulkRequest, deliverTask: string, now: number): CheckedRequest {
  const problems = unknownOptions(request, MEMBERS);
  const { action, filter = {}, what = "failed", pace, startsIn = DEFAULT_WAIT_MS, note } = request;
  if (!ACTIONS.includes(action))
    problems.push({ path: ["action"], detail: `must be one of ${ACTIONS.join(", ")}` });
  if (pace !== undefined) collectProblems(problems, () => paceOf(pace));
  if (note !== undefined && (typeof note !== "string" || note.length > LONGEST_NOTE))
    problems.push({ path: ["note"], detail: `must be a string of at most ${LONGEST_NOTE} characters` });
  if (!["failed", "missing", "all"].includes(what))
    problems.push({ path: ["what"], detail: "must be failed, missing or all" });
  if (request.what !== undefined && action !== "replay")
    problems.push({ path: ["what"], detail: "is only for a replay" });
  const startsInMs = collectProblems(problems, () => parseDuration(startsIn, ["startsIn"])) ?? 0;
  if (startsInMs > LONGEST_WAIT_MS) problems.push({ path: ["startsIn"], detail: "must be at most a day" });
  const jobs = checkFilter(filter, action, now, problems);
  // each of the two applies to its own kind of jobs alone, whatever else the filter says
  if (action === "redeliver" && filter.task !== undefined && filter.task !== deliverTask)
    problems.push({
      path: ["filter", "task"],
      detail: "does not apply to redeliver, which is for webhooks; use the action rerun",
    });
  if (action === "rerun" && filter.task === deliverTask)
    problems.push({
      path: ["filter", "task"],
      detail: "names webhooks, which rerun leaves out; use the action redeliver",
    });
  const events = checkReplay(filter, action, what, problems);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return { startsInMs, jobs, events };
}

export function paceOf(pace: number): number {
  return wholeNumberOf(pace, 1, MOST_PACE, ["pace"]);
}

function checkFilter(
  filter: BulkFilter,
  action: BulkAction,
  now: number,
  problems: FieldProblem[],
): JobFilter {
  const isReplay = action === "replay";
  const known = isReplay ? OF_REPLAY : action === "erase" ? OF_ERASURE : OF_FILTER;
  problems.push(...unknownOptions(filter, known, ["filter"]));
  if (Object.values(filter).every((condition) => condition === undefined))
    problems.push({ path: ["filter"], detail: "must have at least one condition" });
  const { status, bulk, event, class: ofClass, attemptsFrom, durationFrom, waiting, ids } = filter;
  const { task, endpoint, lane, tenant, trigger, tag, group, key, fingerprint } = filter;
  const refuse = (name: keyof BulkFilter, detail: string) =>
    problems.push({ path: ["filter", name], detail });
  const statuses = typeof status === "string" ? [status] : status;
  const areTooMany = !isReplay && Array.isArray(ofClass);
  const classes = ofClass === undefined || areTooMany ? [] : [ofClass].flat();
  const texts = { task, endpoint, lane, tenant, trigger, group, key, fingerprint };
  checkConditions({ texts, tag, statuses, bulk, event, ids, waiting, classes, attemptsFrom }, problems, [
    "filter",
  ]);
  if (areTooMany) refuse("class", "must be one class; only a replay takes several");
  const durationFromMs =
    durationFrom === undefined
      ? undefined
      : collectProblems(problems, () => parseDuration(durationFrom, ["filter", "durationFrom"]));
  const times = TIMES.flatMap((name) => {
    const value = filter[name];
    const ms = value === undefined ? undefined : collectProblems(problems, () => momentOf(value, name, now));
    return ms === undefined ? [] : [[name, ms] as const];
  });
  if (endpoint !== undefined && lane !== undefined)
    refuse("lane", "cannot be given with endpoint; give one of the two");
  if (endpoint !== undefined && tenant === undefined) refuse("tenant", "is required with endpoint");
  if (action === "erase" && tenant === undefined) refuse("tenant", "is required to erase");
  if (isReplay && endpoint === undefined) refuse("endpoint", "is required for a replay");
  if (isReplay && filter.createdFrom === undefined) refuse("createdFrom", "is required for a replay");
  const jobs = {
    ...withoutUndefined({
      tasks: task === undefined ? undefined : [task],
      class: typeof ofClass === "string" ? ofClass : undefined,
      ...{ lane, trigger, tag, group, key, fingerprint, statuses, bulk, event },
      ...{ attemptsFrom, durationFromMs, waiting, ids },
    }),
    ...Object.fromEntries(times),
  };
  return runningAt(now, jobs);
}

/** The conditions that only a replay takes. */
function checkReplay(
  { type, channel, status, class: ofClass }: BulkFilter,
  action: BulkAction,
  what: NonNullable<BulkRequest["what"]>,
  problems: FieldProblem[],
): Pick<PinnedEvents, "types" | "classes" | "channel"> {
  if (action !== "replay") return {};
  const types = type === undefined ? undefined : [type].flat();
  if (types && !(types.every((each) => typeof each === "string") && types.length <= MOST_TYPES))
    problems.push({ path: ["filter", "type"], detail: `must be a string, or at most ${MOST_TYPES} of them` });
  if (channel !== undefined) collectProblems(problems, () => textOf(channel, ["filter", "channel"]));
  if (status !== undefined && what !== "all")
    problems.push({ path: ["filter", "status"], detail: "is only for a replay of all" });
  if (ofClass !== undefined && what === "missing")
    problems.push({
      path: ["filter", "class"],
      detail: "does not apply to a replay of what is missing, which has no attempts",
    });
  const classes = ofClass === undefined ? undefined : [ofClass].flat();
  return withoutUndefined({ types, classes, channel });
}

/** A time, or how long ago it was. */
function momentOf(value: Date | string, name: string, now: number): number {
  if (typeof value === "string" && /^\d+(\.\d+)?[a-z]/.test(value))
    return now - parseDuration(value, ["filter", name]);
  return instantOf(value, ["filter", name]);
}
