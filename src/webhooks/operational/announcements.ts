import type { Clock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import { OPERATORS } from "../../core/names.ts";
import type { OperationalEvent } from "../../store/shelves/operational-events.ts";
import type { Call } from "../../store/shelves/session.ts";
import type { Store } from "../../store/store.ts";
import type { Registry } from "../registry/registry.ts";
import type { Known, OperationalType } from "./operational-event.ts";

export interface AnnouncementParts {
  readonly store: Pick<Store, "operationalEvents">;
  readonly registry: Pick<Registry, "tenant">;
  readonly clock: Clock;
}

/** What has to be written in the transaction of the change that operators are told of. @param endpoint null where it is about none. */
export type Announce = <Type extends OperationalType>(
  type: Type,
  endpoint: string | null,
  known: Known<Type>,
) => Call<OperationalEvent>;

/** What operators are told, as it happens. `Announcer` makes events of it a moment later. */
export class Announcements {
  readonly #parts: AnnouncementParts;

  constructor(parts: AnnouncementParts) {
    this.#parts = parts;
  }

  /**
   * How to tell of something that is about a tenant, or about none. Undefined where nobody is told: no endpoint is there to be sent it,
   * or it is about that one's own tenant, whose failures would call for deliveries that fail.
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
}
