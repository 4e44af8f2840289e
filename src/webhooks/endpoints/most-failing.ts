import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { HOUR_MS } from "../../core/duration.ts";
import type { EndpointKey } from "../../store/shelves/endpoints.ts";
import type { EndpointFailures } from "../../store/shelves/statistics/endpoint-stats.ts";
import type { Store } from "../../store/store.ts";
import { type EndpointTotals, endpointTotals, firstHour, NO_TOTALS } from "./endpoint-stats.ts";
import { MOST_WORST, WorstEndpoints } from "./worst-endpoints.ts";

/** An endpoint that attempts failed for in the last 24 hours. */
export interface FailingEndpoint {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly url: string;
  /** How deliveries to it went in the current hour and the 23 before it. */
  readonly totals: EndpointTotals;
}

/** The rows of a day are up to 24 000 for each process. */
const FRESH_MS = 15_000;

type Stored = Pick<Store, "endpointStats" | "endpoints">;

/** The endpoints that most attempts failed for, of all tenants; the rows of their statistics are read, and no job. */
export function mostFailing(store: Stored, clock: Clock): WorstEndpoints<FailingEndpoint> {
  return new WorstEndpoints(clock, FRESH_MS, (now) => found(store, now));
}

async function found(store: Stored, now: number): Promise<readonly FailingEndpoint[]> {
  const from = firstHour("24h", now);
  const worst = await worstFrom(store, from, now);
  if (worst.length === 0) return [];
  const [known, totals] = await Promise.all([store.endpoints.known(worst), totalsOf(store, worst, from)]);
  const urls = new Map(known.flatMap(({ id, url, deletedAt }) => (deletedAt !== null ? [] : [[id, url]])));
  return worst.flatMap(({ tenant: tenantId, id: endpointId }) => {
    const url = urls.get(endpointId);
    return url === undefined
      ? []
      : [{ tenantId, endpointId, url, totals: totals.get(endpointId) ?? NO_TOTALS }];
  });
}

/** Hour by hour, each in a turn of its own, so that no delivery waits for more than one of them. */
async function worstFrom(store: Stored, first: number, now: number): Promise<readonly EndpointKey[]> {
  const sums = new Map<string, EndpointKey & { failures: number }>();
  for (let hour = first; hour <= now; hour += HOUR_MS, await nextTurn())
    for (const found of await store.endpointStats.failing(hour)) {
      const sum = sums.get(found.endpoint) ?? { tenant: found.tenant, id: found.endpoint, failures: 0 };
      sum.failures += failuresOf(found);
      sums.set(found.endpoint, sum);
    }
  return [...sums.values()].sort((one, other) => other.failures - one.failures).slice(0, MOST_WORST);
}

async function totalsOf(
  store: Stored,
  endpoints: readonly EndpointKey[],
  from: number,
): Promise<ReadonlyMap<string, EndpointTotals>> {
  const ofTenants = Map.groupBy(endpoints, ({ tenant }) => tenant);
  const sums = await Promise.all(
    [...ofTenants].map(([tenant, own]) => {
      const ids = own.map(({ id }) => id);
      return store.endpointStats.sums(tenant, ids, from);
    }),
  );
  return new Map(sums.flat().map((sum) => [sum.endpoint, endpointTotals(sum)]));
}

/** Attempts that failed: a delivery that failed permanently had one that was not retried. */
function failuresOf({ failed, retried }: EndpointFailures): number {
  return failed + retried;
}
