import type { Clock } from "../../core/clock.ts";
import type { Store } from "../../store/store.ts";
import { keyOfLane } from "../registry/known-endpoint.ts";
import { type EndpointBacklog, endpointBacklog } from "./endpoint-backlog.ts";

/** An endpoint whose deliveries are due, and wait. */
export interface WaitingEndpoint {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly url: string;
  readonly backlog: EndpointBacklog;
}

export const MOST_WAITING = 20;
/** All who ask within this time get one answer. */
const FRESH_MS = 5_000;

/** The endpoints whose oldest due delivery has waited longest, of all tenants. */
export class LongestWaiting {
  readonly #store: Pick<Store, "inspection" | "endpoints">;
  readonly #clock: Clock;
  #last: { readonly until: number; readonly found: Promise<readonly WaitingEndpoint[]> } | undefined;

  constructor(store: Pick<Store, "inspection" | "endpoints">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async first(limit: number): Promise<readonly WaitingEndpoint[]> {
    const now = this.#clock.now();
    if (!this.#last || now >= this.#last.until) {
      const found = this.#find(now);
      this.#last = { until: now + FRESH_MS, found };
      found.catch(() => {
        this.#last = undefined; // the next one asks again
      });
    }
    return (await this.#last.found).slice(0, limit);
  }

  async #find(now: number): Promise<readonly WaitingEndpoint[]> {
    const lanes = (await this.#store.inspection.oldestLanes(MOST_WAITING)).map(({ lane }) => lane);
    if (lanes.length === 0) return [];
    const [known, backlogs] = await Promise.all([
      this.#store.endpoints.known(lanes.map(keyOfLane)),
      this.#store.inspection.backlogs(lanes),
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
}
