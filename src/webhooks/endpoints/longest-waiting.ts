import type { Clock } from "../../core/clock.ts";
import type { Store } from "../../store/store.ts";
import { keyOfLane } from "../registry/known-endpoint.ts";
import { type EndpointBacklog, endpointBacklog } from "./endpoint-backlog.ts";
import { MOST_WORST, WorstEndpoints } from "./worst-endpoints.ts";

/** An endpoint whose deliveries are due, and wait. */
export interface WaitingEndpoint {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly url: string;
  readonly backlog: EndpointBacklog;
}

/** All who ask within this time get one answer. */
const FRESH_MS = 5_000;

type Stored = Pick<Store, "inspection" | "endpoints">;

/** The endpoints whose oldest due delivery has waited longest, of all tenants. */
export function longestWaiting(store: Stored, clock: Clock): WorstEndpoints<WaitingEndpoint> {
  return new WorstEndpoints(clock, FRESH_MS, (now) => found(store, now));
}

async function found(store: Stored, now: number): Promise<readonly WaitingEndpoint[]> {
  const lanes = (await store.inspection.oldestLanes(MOST_WORST)).map(({ lane }) => lane);
  if (lanes.length === 0) return [];
  const [known, backlogs] = await Promise.all([
    store.endpoints.known(lanes.map(keyOfLane)),
    store.inspection.backlogs(lanes),
  ]);
  const urls = new Map(known.map(({ id, url }) => [id, url]));
  const counted = new Map(backlogs.map((each) => [each.lane, each]));
  return lanes.flatMap((lane) => {
    const { tenant: tenantId, id: endpointId } = keyOfLane(lane);
    const [url, backlog] = [urls.get(endpointId), counted.get(lane)];
    return url === undefined || !backlog
      ? []
      : [{ tenantId, endpointId, url, backlog: endpointBacklog(backlog, now) }];
  });
}
