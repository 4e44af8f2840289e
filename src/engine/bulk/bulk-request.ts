import { type Duration, parseDuration } from "../../core/duration.ts";
import { type FieldProblem, InvalidInputError, NotFoundError } from "../../core/errors.ts";
import { isId, newId } from "../../core/id.ts";
import { JOB_STATUSES, type JobStatus } from "../../core/job.ts";
import {
  collectProblems,
  instantOf,
  textOf,
  unknownOptions,
  wholeNumberOf,
  wrong,
} from "../../core/options.ts";
import { ATTEMPT_CLASSES, type AttemptClass } from "../../core/outcome.ts";
import type { JobFilter } from "../../store/job-records.ts";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";
import type { Pinned, PinnedEvents } from "./bulk-source.ts";
import { MOST_PACE } from "./lane-paces.ts";

export type BulkAction = BulkRun["action"];

/**
 * What to do, and with which jobs.
 * @example
 * await posthorn.bulk.start({ action: "redeliver", filter: { tenant: "acme", createdFrom: "24h" }, note: "their outage" });
 */
export interface BulkRequest {
  /**
   * `redeliver` queues failed and cancelled webhooks again, and creates a new delivery of events that were delivered; `rerun` queues failed
   * and cancelled tasks again; `run_now` makes jobs due now that wait for a later time; `cancel` cancels jobs; `replay` sends an endpoint
   * its tenant's events of a period (see `what`); `erase` permanently erases the payloads of a tenant's events of a period.
   */
  readonly action: BulkAction;
  /** At least one condition. */
  readonly filter: BulkFilter;
  /**
   * For a replay. `failed` (default) queues failed deliveries again; `missing` sends events that the endpoint wants now and has no delivery
   * of; `all` does both, and sends what was delivered once more.
   */
  readonly what?: "failed" | "missing" | "all";
  /** Jobs per second and endpoint, from 1 to 10 000. Default 50, or the endpoint's own rate if that is lower. */
  readonly pace?: number;
  /** How long the run waits before it starts. Until then it can be undone entirely. Default 10 s, at most a day. */
  readonly startsIn?: Duration;
  /** For people to read. */
  readonly note?: string;
}

/** Which jobs: those that meet every given condition. A time may also be a duration before now, such as `24h`. */
export interface BulkFilter {
  /** Default: failed for `redeliver`; failed and cancelled for `rerun`; for the others, every status that the action applies to. */
  readonly status?: JobStatus | readonly JobStatus[];
  readonly task?: string;
  /** The endpoint's id, or its uid if `tenant` is given as well. */
  readonly endpoint?: string;
  readonly lane?: string;
  /** The tenant's id or uid. */
  readonly tenant?: string;
  readonly tag?: string;
  readonly group?: string;
  readonly key?: string;
  /** Created or queued again by the bulk run with this id. */
  readonly bulk?: string;
  /** What caused them: `manual` for those that somebody redelivered. */
  readonly trigger?: string;
  /** The fingerprint of a group of failures. */
  readonly fingerprint?: string;
  /** The class of their last attempt: `5xx`, `timeout`, … A replay takes one or several. */
  readonly class?: AttemptClass | readonly AttemptClass[];
  /** For a replay: events of this type, or of one of these types (at most 100). */
  readonly type?: string | readonly string[];
  /** For a replay: events that were sent to this channel. */
  readonly channel?: string;
  /** Jobs with at least this many attempts. */
  readonly attemptsFrom?: number;
  readonly createdFrom?: Date | string;
  readonly createdBefore?: Date | string;
  readonly finishedFrom?: Date | string;
  readonly finishedBefore?: Date | string;
  /** Only these jobs, by id: at most 1000. */
  readonly ids?: readonly string[];
}

/** Which jobs the caller may see: a condition of the server's own, in addition to the request's. */
export interface BulkReachOptions {
  readonly tenant?: string | undefined;
  readonly mode?: "live" | "test" | undefined;
}

/** Looks up tenants and endpoints, which the engine knows nothing about. */
export interface BulkPlaces {
  /** A tenant, by its id or uid. @throws NotFoundError */
  tenant(name: string): Promise<{ readonly id: string; readonly mode: "live" | "test" }>;
  /** The id and lane of an endpoint. @throws NotFoundError */
  endpoint(tenant: string, name: string): Promise<{ readonly id: string; readonly lane: string }>;
  /** The task that delivers. */
  readonly deliverTask: string;
  /** Tasks of the server itself. */
  readonly ownTasks: readonly string[];
}

/** A request that was checked, and whose filter is fixed. */
export interface PinnedRequest {
  readonly pinned: Pinned;
  readonly tenant: string | null;
  /** Only tenants of this mode. */
  readonly mode: "live" | "test" | null;
  /** See `BulkRun`. */
  readonly alone: string | null;
  readonly startsInMs: number;
}

const ACTIONS: readonly BulkAction[] = ["redeliver", "rerun", "run_now", "cancel", "replay", "erase"];
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
const TIMES = ["createdFrom", "createdBefore", "finishedFrom", "finishedBefore"] as const;
const OF_FILTER = ["status", ...TEXTS, "bulk", "class", "attemptsFrom", ...TIMES, "ids"];
const OF_ERASURE = ["tenant", "createdFrom", "createdBefore"];
const OF_REPLAY = [...OF_ERASURE, "endpoint", "status", "class", "type", "channel", "tag"];
const MOST_TYPES = 100;
const MOST_IDS = 1_000;
const DEFAULT_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 86_400_000;
const LONGEST_NOTE = 1_000;

const DEFAULT_STATUSES: Readonly<Record<Exclude<BulkAction, "erase">, readonly JobStatus[]>> = {
  redeliver: ["failed"],
  rerun: ["failed", "cancelled"],
  run_now: ["queued"],
  cancel: ["queued", "running"],
  replay: ["failed"],
};

/**
 * Fixes a request's filter: times become absolute, and jobs that are created or end later than now are excluded.
 * @throws InvalidInputError naming every field that is wrong; NotFoundError for a tenant or an endpoint that the caller does not see.
 */
export async function pin(
  request: BulkRequest,
  reach: BulkReachOptions,
  places: BulkPlaces,
  now: number,
): Promise<PinnedRequest> {
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
  const checked = checkFilter(filter, action, now, problems);
  const { types, classes, channel } = checkReplay(filter, action, what, problems);
  if (problems.length > 0) throw new InvalidInputError(problems);

  const named = filter.tenant ?? reach.tenant;
  const owner = named === undefined ? undefined : await places.tenant(named);
  const isSeen = (reach.tenant ?? owner?.id) === owner?.id && (reach.mode ?? owner?.mode) === owner?.mode;
  if (owner && !isSeen) throw new NotFoundError("tenant", named ?? "");
  const tenant = owner?.id;
  const endpoint =
    tenant !== undefined && filter.endpoint !== undefined
      ? await places.endpoint(tenant, filter.endpoint)
      : undefined;
  const common = { startsInMs, tenant: tenant ?? null, mode: owner?.mode ?? reach.mode ?? null };
  const { createdFrom = 0, createdBefore = now + 1, tag } = checked;
  const span = { createdFrom, createdBefore: Math.min(createdBefore, now + 1) };
  if (action === "erase" && tenant !== undefined)
    return { ...common, pinned: { kind: "contents", tenant, ...span }, alone: null };
  const isOfEvents =
    what !== "failed" || types !== undefined || channel !== undefined || (classes?.length ?? 1) !== 1;
  if (action === "replay" && isOfEvents && tenant !== undefined && endpoint !== undefined) {
    const statuses = what === "failed" ? DEFAULT_STATUSES.replay : checked.statuses;
    const pinned: PinnedEvents = {
      kind: "events",
      tenant,
      endpoint: endpoint.id,
      lane: endpoint.lane,
      what,
      ...span,
      ...(types && { types }),
      ...(channel !== undefined && { channel }),
      ...(tag !== undefined && { tag }),
      ...(statuses && { statuses }),
      ...(classes && { classes }),
    };
    return { ...common, pinned, alone: `replay ${endpoint.lane}` };
  }
  const { deliverTask, ownTasks } = places;
  const isDelivering = action === "redeliver" || action === "replay";
  const jobs: JobFilter = {
    ...checked,
    ...(checked.statuses === undefined && action !== "erase" && { statuses: DEFAULT_STATUSES[action] }),
    ...(isDelivering && { tasks: [deliverTask] }),
    exceptTasks: action === "rerun" ? [...ownTasks, deliverTask] : ownTasks,
    ...(tenant !== undefined && { tenant }),
    ...(reach.mode !== undefined && { mode: reach.mode }),
    ...(endpoint && { lane: endpoint.lane }),
    createdBefore: Math.min(checked.createdBefore ?? now + 1, now + 1),
    // a job that ends in this very millisecond still counts
    ...((isDelivering || action === "rerun") && {
      finishedBefore: Math.min(checked.finishedBefore ?? now + 1, now + 1),
    }),
    upTo: newId("job", now),
  };
  return { ...common, pinned: { kind: "jobs", jobs }, alone: null };
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
  const { status, bulk, class: ofClass, attemptsFrom, ids } = filter;
  if (Object.values(filter).every((condition) => condition === undefined))
    problems.push({ path: ["filter"], detail: "must have at least one condition" });
  if (filter.endpoint !== undefined && filter.lane !== undefined)
    problems.push({ path: ["filter", "lane"], detail: "cannot be given with endpoint; give one of the two" });
  const texts = TEXTS.flatMap((name) => {
    const value = filter[name];
    const text =
      value === undefined ? undefined : collectProblems(problems, () => textOf(value, ["filter", name]));
    return text === undefined ? [] : [[name, text] as const];
  });
  const { task, lane, trigger, tag, group, key, fingerprint } = Object.fromEntries(texts);
  const statuses = status === undefined ? undefined : typeof status === "string" ? [status] : status;
  const areStatuses = (list: unknown) =>
    Array.isArray(list) && list.length > 0 && list.every((each) => JOB_STATUSES.includes(each));
  if (statuses !== undefined && !areStatuses(statuses))
    problems.push({
      path: ["filter", "status"],
      detail: `must be one or more of ${JOB_STATUSES.join(", ")}`,
    });
  if (bulk !== undefined && !(typeof bulk === "string" && isId("qtask", bulk)))
    problems.push({ path: ["filter", "bulk"], detail: "must be the id of a bulk run: qtask_…" });
  const classes = ofClass === undefined ? [] : isReplay ? [ofClass].flat() : [ofClass];
  if (!classes.every((each) => ATTEMPT_CLASSES.some((known) => known === each)))
    problems.push({ path: ["filter", "class"], detail: `must be one of ${ATTEMPT_CLASSES.join(", ")}` });
  if (attemptsFrom !== undefined)
    collectProblems(problems, () => wholeNumberOf(attemptsFrom, 0, 1_000_000, ["filter", "attemptsFrom"]));
  const areIds = (list: unknown) => Array.isArray(list) && list.every((id) => typeof id === "string");
  if (ids !== undefined && !(areIds(ids) && ids.length <= MOST_IDS))
    problems.push({ path: ["filter", "ids"], detail: `must be a list of at most ${MOST_IDS} ids of jobs` });
  const times = TIMES.flatMap((name) => {
    const value = filter[name];
    const ms = value === undefined ? undefined : collectProblems(problems, () => momentOf(value, name, now));
    return ms === undefined ? [] : [[name, ms] as const];
  });
  if (filter.endpoint !== undefined && filter.tenant === undefined)
    problems.push({ path: ["filter", "tenant"], detail: "is required with endpoint" });
  if (action === "erase" && filter.tenant === undefined)
    problems.push({ path: ["filter", "tenant"], detail: "is required to erase" });
  if (isReplay && filter.endpoint === undefined)
    problems.push({ path: ["filter", "endpoint"], detail: "is required for a replay" });
  if (isReplay && filter.createdFrom === undefined)
    problems.push({ path: ["filter", "createdFrom"], detail: "is required for a replay" });
  return {
    ...(task !== undefined && { tasks: [task] }),
    ...(lane !== undefined && { lane }),
    ...(trigger !== undefined && { trigger }),
    ...(tag !== undefined && { tag }),
    ...(group !== undefined && { group }),
    ...(key !== undefined && { key }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(statuses && { statuses }),
    ...(bulk !== undefined && { bulk }),
    ...(typeof ofClass === "string" && { class: ofClass }),
    ...(attemptsFrom !== undefined && { attemptsFrom }),
    ...(ids && { ids }),
    ...Object.fromEntries(times),
  };
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
  return { ...(types && { types }), ...(classes && { classes }), ...(channel !== undefined && { channel }) };
}

/** A time, or how long ago it was. */
function momentOf(value: Date | string, name: string, now: number): number {
  if (typeof value === "string" && /^\d+(\.\d+)?[a-z]/.test(value))
    return now - parseDuration(value, ["filter", name]);
  const ms = instantOf(value, ["filter", name]);
  if (Number.isNaN(ms)) throw wrong(["filter", name], "must be a moment");
  return ms;
}
