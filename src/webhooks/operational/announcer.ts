import type { Clock } from "../../core/clock.ts";
import { ConflictError } from "../../core/errors.ts";
import { dateOf, dateOrNull } from "../../core/instant.ts";
import { OPERATORS } from "../../core/names.ts";
import type { Part } from "../../engine/part.ts";
import { Rhythm } from "../../engine/rhythm.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { OperationalEvent } from "../../store/shelves/operational-events.ts";
import type { Store } from "../../store/store.ts";
import { JsonText } from "../accept/deliver-request.ts";
import type { SendEvents } from "../events/send-events.ts";
import type { Registry } from "../registry/registry.ts";

export interface AnnouncerParts {
  readonly store: Pick<
    Store,
    "operationalEvents" | "tenants" | "endpoints" | "endpointHealth" | "records" | "events"
  >;
  readonly registry: Pick<Registry, "tenant">;
  readonly sending: Pick<SendEvents, "announce">;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

const LOOK_MS = 1_000;
const AT_ONCE = 50;
/** How often combined announcements are sent at most, per endpoint. */
const TOGETHER_MS = 10 * 60_000;

/**
 * Turns announcements into operational events, whichever process wrote them. The event, its deliveries and the removal of the announcement
 * are one transaction, so that another process takes over if one is killed, and nothing is sent twice.
 */
export class Announcer implements Part {
  readonly #parts: AnnouncerParts;
  readonly #rhythm: Rhythm;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
    this.#rhythm = new Rhythm(parts.clock, parts.instrument, LOOK_MS, () => this.#look());
  }

  start(): void {
    this.#rhythm.start();
  }

  stop(): Promise<void> {
    return this.#rhythm.stop();
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#parts;
    for (let isMore = true; isMore; ) {
      const due = await store.operationalEvents.due(clock.now(), AT_ONCE);
      const failed: unknown[] = [];
      // one that fails now does not hold up the others
      for (const told of due) await this.#tell(told).catch((error: unknown) => failed.push(error));
      if (failed.length > 0) throw failed[0];
      isMore = due.length === AT_ONCE;
    }
  }

  async #tell(told: OperationalEvent): Promise<void> {
    const { store, registry, sending, clock } = this.#parts;
    const { key, type, n, at, dueAt } = told;
    const nextAt = clock.now() + TOGETHER_MS;
    const operators = await registry.tenant(OPERATORS);
    if (!operators || operators.endpoints.length === 0 || n === 0)
      return store.operationalEvents.take(told, nextAt);
    const data = await this.#dataOf(told);
    const payload = { type, timestamp: dateOf(at).toISOString(), data };
    const request = {
      ...{ tenant: OPERATORS, type, payload: new JsonText(JSON.stringify(payload)) },
      // only one announcement per key is sent at a time; if another process does so meanwhile, it wins
      eventId: n === null ? key : `${key}.${dueAt}`,
    };
    try {
      await sending.announce(request, [store.operationalEvents.taking(told, nextAt)]);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  async #dataOf({ type, tenant, endpoint, n, data }: OperationalEvent): Promise<Record<string, unknown>> {
    const { store } = this.#parts;
    const owner = tenant === null ? undefined : await store.tenants.get(tenant);
    const whose = { tenant_id: tenant, tenant_uid: owner?.uid ?? null };
    const known = JSON.parse(data) as Record<string, unknown>; // only this folder writes it
    if (tenant === null || endpoint === null) return { ...whose, ...known };
    const [row] = await store.endpoints.known([{ tenant, id: endpoint }]);
    const about = { ...whose, endpoint_id: endpoint, endpoint_uid: row?.uid ?? null };
    if (n !== null) return { ...about, deliveries: n, last: await this.#deliveryOf(known) };
    if (type !== "posthorn.endpoint.disabled") return { ...about, ...known };
    const health = await store.endpointHealth.get(tenant, endpoint);
    return { ...about, ...known, failing_since: dateOrNull(health?.failingSince ?? null) };
  }

  async #deliveryOf({ job_id, ...known }: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { store } = this.#parts;
    const job = await store.records.get(String(job_id));
    const event = job?.origin?.event === undefined ? undefined : await store.events.get(job.origin.event);
    return { job_id, event_id: event?.id ?? null, event_type: event?.type ?? null, ...known };
  }
}
