import { eventId, name, text, time } from "./tables/column.ts";
import type { Call, Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Callers' own ids of events; each stays taken for as long as its event is kept. */
export interface EventKeyShelf {
  get(tenant: string, eventId: string): Promise<EventKey | undefined>;
  /** Takes a key, and gives it back, where it is free and the scope still has this version (see `guardOf`). */
  taking(key: EventKey, scope: string, version: number): Call<EventKey>;
}

export const EVENT_KEYS = new Table("event_keys", ["tenant", "event_id"], {
  tenant: name,
  /** The caller's. */
  event_id: name,
  /** Ours. */
  event: eventId,
  /** Tells a repeated event from another one with its id. */
  fingerprint: text,
  created_at: time,
});

export type EventKey = FieldsOf<typeof EVENT_KEYS>;

const GET = EVENT_KEYS.statement(`
  select ${EVENT_KEYS.fields}
  from posthorn.event_keys
  where tenant = ? and event_id = ?`);

const TAKE = EVENT_KEYS.statement(
  `
  ${EVENT_KEYS.insertionWhere("coalesce((select version from posthorn.registry_scopes where scope = ?), 0) = ?")}
  on conflict (tenant, event_id) do nothing
  returning ${EVENT_KEYS.fields}`,
  { takes: EVENT_KEYS.kinds },
);

/** Takes a key, and gives it back, where it is free and the scope still has this version (see `guardOf`). */
export function taking(key: EventKey, scope: string, version: number): Call<EventKey> {
  return TAKE.with(...EVENT_KEYS.valuesOf(key), scope, version);
}

export class EventKeys implements EventKeyShelf {
  readonly taking = taking;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(tenant: string, eventId: string): Promise<EventKey | undefined> {
    const [key] = await this.#session.read(GET.with(tenant, eventId));
    return key;
  }
}
