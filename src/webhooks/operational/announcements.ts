import type { Clock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import { OPERATORS } from "../../core/names.ts";
import type { OperationalEvent } from "../../store/shelves/operational-events.ts";
import type { Call } from "../../store/shelves/tables/session.ts";
import type { Store } from "../../store/store.ts";
import type { Registry } from "../registry/registry.ts";
import type { DeliveryType, Known, OperationalType, TroubledDelivery } from "./operational-event.ts";

/** Few enough that the transaction does not noticeably hold up others. */
const ADDED_AT_ONCE = 100;

/** Deliveries that get into the same trouble within this time are announced together. */
const GATHERED_MS = 2_000;

export interface AnnouncementParts {
  readonly store: Pick<Store, "operationalEvents">;
  readonly registry: Pick<Registry, "tenant">;
  readonly clock: Clock;
}

/** What has to be written in the transaction of the change that operators are told of. @param endpoint null where it is about none. */
export type Announce = <Type extends Exclude<OperationalType, DeliveryType>>(
  type: Type,
  endpoint: string | null,
  known: Known<Type>,
) => Call<OperationalEvent>;

/** How often something happened to deliveries to an endpoint, and what is known of the last one. */
export interface Sum {
  readonly type: DeliveryType;
  readonly tenant: string;
  readonly endpoint: string;
  readonly n: number;
  readonly known: Omit<TroubledDelivery, "event_id" | "event_type">;
}

/** What operators are told, as it happens. `Announcer` makes events of it a moment later. */
export class Announcements {
  readonly #parts: AnnouncementParts;

  constructor(parts: AnnouncementParts) {
    this.#parts = parts;
  }

  /**
   * How to announce something about a tenant, or about none. Undefined if nothing is sent: there is no endpoint to send it to, or it is
   * about the reserved tenant itself, where each failing delivery would cause another.
   */
  async about(tenant: string | null): Promise<Announce | undefined> {
    const { store, registry, clock } = this.#parts;
    const operators = await registry.tenant(OPERATORS);
    if (!operators || operators.endpoints.length === 0 || operators.tenant.id === tenant) return undefined;
    return (type, endpoint, known) => {
      const at = clock.now();
      const what = { key: newId("op", at), type, tenant, endpoint, data: JSON.stringify(known) };
      return store.operationalEvents.writing({ ...what, n: null, at, dueAt: at });
    };
  }

  /** Adds up what is told of each endpoint together. */
  async add(sums: readonly Sum[]): Promise<void> {
    const { store, registry, clock } = this.#parts;
    const operators = await registry.tenant(OPERATORS);
    if (!operators || operators.endpoints.length === 0) return;
    const at = clock.now();
    const told = sums
      .filter(({ tenant }) => tenant !== operators.tenant.id)
      .map(({ known, ...sum }) => {
        const what = { ...sum, key: `${sum.type}.${sum.endpoint}`, data: JSON.stringify(known) };
        return { ...what, at, dueAt: at + GATHERED_MS };
      });
    for (let from = 0; from < told.length; from += ADDED_AT_ONCE)
      await store.operationalEvents.add(told.slice(from, from + ADDED_AT_ONCE));
  }
}
