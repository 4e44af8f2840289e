import { dateOf } from "../../core/instant.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { BulkAction, BulkFilter, BulkRequest } from "./bulk-request.ts";
import type { Pinned, PinnedEvents, PinnedJobs } from "./bulk-source.ts";

/** What a run is about. */
export interface Requested {
  /** Its filter, as fixed when it was created: another request with it selects the same jobs. */
  readonly filter: BulkFilter;
  /** What a replay sends; null for the other actions. */
  readonly what: NonNullable<BulkRequest["what"]> | null;
}

/** What is pinned, in the words of a request: asked for with them, a run selects the same jobs. */
export function requested(action: BulkAction, pinned: Pinned): Requested {
  if (pinned.kind === "events") return { filter: filterOfEvents(pinned), what: pinned.what };
  if (pinned.kind === "jobs")
    return { filter: filterOfJobs(action, pinned), what: action === "replay" ? "failed" : null };
  const { kind: _, ...filter } = pinned;
  return { filter: withDates(filter), what: null };
}

function filterOfEvents({ kind: _, lane: __, what, types, classes, statuses, ...same }: PinnedEvents) {
  const status = what === "failed" ? undefined : statuses;
  return withDates({ ...same, type: types, class: classes, status });
}

/** What the action implies, and what the server has added, no request takes. */
function filterOfJobs(action: BulkAction, { endpoint, jobs }: PinnedJobs): BulkFilter {
  const { exceptTasks: _, upTo: __, mode: ____, tasks, statuses, lane, ...others } = jobs;
  const { finishedBefore, durationFromMs: durationFrom, runningSince: ___, ...same } = others;
  const isReplay = action === "replay";
  return withDates({
    ...same,
    durationFrom,
    status: isReplay ? undefined : statuses,
    task: isReplay || action === "redeliver" ? undefined : tasks?.[0],
    ...(endpoint === undefined ? { lane } : { endpoint }),
    finishedBefore: isReplay ? undefined : finishedBefore,
  });
}

type Time = "createdFrom" | "createdBefore" | "finishedFrom" | "finishedBefore" | "dueFrom" | "dueBefore";
type Conditions = { readonly [Name in Exclude<keyof BulkFilter, Time>]?: BulkFilter[Name] | undefined };
type Times = { readonly [Name in Time]?: number | undefined };

function withDates(given: Conditions & Times): BulkFilter {
  const { createdFrom, createdBefore, finishedFrom, finishedBefore, dueFrom, dueBefore, ...same } = given;
  const times = { createdFrom, createdBefore, finishedFrom, finishedBefore, dueFrom, dueBefore };
  const dates = Object.entries(times).flatMap(([name, ms]) => (ms === undefined ? [] : [[name, dateOf(ms)]]));
  return { ...withoutUndefined(same), ...Object.fromEntries(dates) };
}
