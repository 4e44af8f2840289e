import { NotFoundError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import type { JobStatus } from "../../core/job.ts";
import { isWithin, type Reach } from "../../core/reach.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { BulkAction, BulkPlaces, BulkRequest } from "./bulk-request.ts";
import type { Pinned } from "./bulk-source.ts";
import { checkRequest } from "./check-request.ts";

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
  reach: Reach,
  places: BulkPlaces,
  now: number,
): Promise<PinnedRequest> {
  const { startsInMs, jobs, events } = checkRequest(request, places.deliverTask, now);
  const { action, filter, what = "failed" } = request;
  const owner = await ownerOf(filter.tenant, reach, places);
  const tenant = owner?.id;
  const endpoint =
    tenant !== undefined && filter.endpoint !== undefined
      ? await places.endpoint(tenant, filter.endpoint)
      : undefined;
  const common = { startsInMs, tenant: tenant ?? null, mode: owner?.mode ?? reach.mode ?? null };
  const createdBefore = Math.min(jobs.createdBefore ?? now + 1, now + 1);
  const span = { createdFrom: jobs.createdFrom ?? 0, createdBefore };
  if (action === "erase") {
    if (tenant === undefined) throw new Error("an erasure has a tenant"); // it was checked
    return { ...common, pinned: { kind: "contents", tenant, ...span }, alone: null };
  }
  const { types, channel, classes } = events;
  const isOfEvents =
    what !== "failed" || types !== undefined || channel !== undefined || (classes?.length ?? 1) !== 1;
  if (action === "replay" && isOfEvents && tenant !== undefined && endpoint !== undefined) {
    const { id, lane } = endpoint;
    const statuses = what === "failed" ? DEFAULT_STATUSES.replay : jobs.statuses;
    const chosen = withoutUndefined({ ...events, tag: jobs.tag, statuses });
    const pinned = { kind: "events", tenant, endpoint: id, lane, what, ...span, ...chosen } as const;
    return { ...common, pinned, alone: `replay ${lane}` };
  }
  const { deliverTask, ownTasks } = places;
  const isDelivering = action === "redeliver" || action === "replay";
  const pinned = {
    statuses: DEFAULT_STATUSES[action],
    ...jobs,
    ...withoutUndefined({ tenant, mode: reach.mode }),
    ...(isDelivering && { tasks: [deliverTask] }),
    ...(endpoint && { lane: endpoint.lane }),
    exceptTasks: action === "rerun" ? [...ownTasks, deliverTask] : ownTasks,
    createdBefore,
    // a job that ends in this very millisecond still counts
    ...((isDelivering || action === "rerun") && {
      finishedBefore: Math.min(jobs.finishedBefore ?? now + 1, now + 1),
    }),
    upTo: newId("job", now),
  };
  return {
    ...common,
    pinned: { kind: "jobs", ...(endpoint && { endpoint: endpoint.id }), jobs: pinned },
    alone: null,
  };
}

/** The tenant that is named, or that the caller is limited to; undefined for none. @throws NotFoundError */
export async function ownerOf(given: string | undefined, reach: Reach, places: BulkPlaces) {
  const name = given ?? reach.tenant;
  if (name === undefined) return undefined;
  const owner = await places.tenant(name);
  if (isWithin(owner, reach)) return owner;
  throw new NotFoundError("tenant", name);
}
