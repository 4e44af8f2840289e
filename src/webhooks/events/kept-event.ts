import { dateOf, dateOrNull } from "../../core/instant.ts";
import type { Event, ListedEvent as Row } from "../../store/shelves/events.ts";
import type { Unsent } from "./match-event.ts";

/** An event as it is listed: without its payload. */
export interface ListedEvent {
  /** Posthorn's id, and the `webhook-id` of its deliveries. */
  readonly id: string;
  /** The id of its tenant. */
  readonly tenantId: string;
  readonly type: string;
  readonly channels: readonly string[] | null;
  readonly tags: readonly string[] | null;
  /** The names of its extra headers. */
  readonly headers: readonly string[];
  readonly contentType: string;
  /** Your own id for it. */
  readonly eventId: string | null;
  /** How many endpoints it is delivered to. */
  readonly jobs: number;
  /** Why endpoints do not get it: how many per reason, and by name those that might have been expected to. Null if all get it. */
  readonly unsent: Unsent | null;
  /** When its deliveries were to start, if not at once. */
  readonly runAt: Date | null;
  readonly createdAt: Date;
}

export interface KeptEvent extends ListedEvent {
  /** As it was sent, byte for byte; null once it has been erased. */
  readonly payload: Uint8Array | null;
}

/** @param headerNames of those that the row holds sealed. */
export function listedEvent(row: Row, headerNames: readonly string[]): ListedEvent {
  return {
    id: row.id,
    tenantId: row.tenant,
    type: row.type,
    channels: parsed<readonly string[]>(row.channels),
    tags: parsed<readonly string[]>(row.tags),
    headers: headerNames,
    contentType: row.contentType,
    eventId: row.eventId,
    jobs: row.jobs,
    unsent: parsed<Unsent>(row.unsent),
    runAt: dateOrNull(row.runAt),
    createdAt: dateOf(row.createdAt),
  };
}

/** As `listedEvent`, with the payload. */
export function keptEvent(row: Event, headerNames: readonly string[]): KeptEvent {
  return { ...listedEvent(row, headerNames), payload: row.payload };
}

/** Only what was checked is kept. */
function parsed<Of>(json: string | null): Of | null {
  return json === null ? null : (JSON.parse(json) as Of);
}
