import { firstIdAt, isId } from "../../core/id.ts";
import type { SearchedTo } from "../job-records.ts";
import { bytes, count, eventId, json, type Kind, name, nullable, text, time } from "./tables/column.ts";
import { inPlaces, PLACE_COUNT, PLACES } from "./tables/places.ts";
import { audited, type Call, type Session, type Statement } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";
import type { Tenant } from "./tenants.ts";

/** Events, each stored once, however many jobs deliver it. Written together with the first of them, see `Submission`. */
export interface EventShelf {
  get(eventId: string): Promise<Event | undefined>;
  /** Those of these that have a payload of no more bytes than this; in no order. */
  getSmall(eventIds: readonly string[], mostBytes: number): Promise<Event[]>;
  /** Those of these that still have their payloads, by their ids. */
  kept(eventIds: readonly string[]): Promise<ReadonlyMap<string, Pick<Event, "tags">>>;
  /** By our id or the caller's. */
  find(tenant: string, idOrEventId: string): Promise<Event | undefined>;
  /** @param tenant null for those of all tenants. */
  list(tenant: string | null, page: EventPage): Promise<EventSlice>;
  /** Erases its payload permanently: jobs that still had to deliver it fail. Returns whether there was one to erase. */
  erase(eventId: string, audit?: Call<unknown>): Promise<boolean>;
  /** Erases the payloads of a tenant's events from after one of them up to another; gives a row for each that it erased. */
  erasing(tenant: string, after: string, upTo: string): Call<Pick<Event, "id">>;
}

/** Of events, newest first: those that meet every given condition. */
export interface EventPage {
  /** How many at most. */
  readonly limit: number;
  /** The id of an event that the page follows: only older ones; */
  readonly after?: string | undefined;
  /** or of one that it ends before: only newer ones, and then `after` does not count. */
  readonly before?: string | undefined;
  readonly type?: string | undefined;
  readonly channel?: string | undefined;
  readonly tag?: string | undefined;
  /** Of tenants of this mode. */
  readonly mode?: Tenant["mode"] | undefined;
  /** Made at or after; milliseconds since the epoch, like `until`. */
  readonly since?: number | undefined;
  /** Made before. */
  readonly until?: number | undefined;
}

export interface EventSlice {
  /** Newest first. */
  readonly events: readonly ListedEvent[];
  /** Whether older ones follow, or, in a page before an event, whether newer ones precede. */
  readonly hasMore: boolean;
  /** If the search stopped before the page was full, the last event it reached: the next page continues there. Otherwise null. */
  readonly searchedTo: SearchedTo | null;
}

const LISTED = {
  id: eventId,
  /** The id of the tenant that it belongs to. */
  tenant: text,
  type: name,
  /** Lists of strings. */
  channels: nullable(json),
  tags: nullable(json),
  /** What is sent along, by name. */
  headers: nullable(json),
  content_type: text,
  /** The caller's own id for it. */
  event_id: nullable(name),
  /** How many jobs it has, or will have once its fan-out is done. */
  jobs: count,
  /** Which endpoints it was not sent to, and why: `{counts: {reason: n}, named: [[endpoint, reason], …]}`. */
  unsent: nullable(json),
  /** When its jobs were to run, where that was later. */
  run_at: nullable(time),
  created_at: time,
};

const LISTED_EVENTS = new Table("events", ["id"], LISTED);

export const EVENTS = new Table("events", ["id"], {
  ...LISTED,
  /** As it arrived; null once it has been erased. */
  payload: nullable(bytes),
});

export type Event = FieldsOf<typeof EVENTS>;
/** Without its payload. */
export type ListedEvent = FieldsOf<typeof LISTED_EVENTS>;

const INSERT = EVENTS.statement(EVENTS.insertion, { takes: EVENTS.kinds });

const GET = EVENTS.statement(`select ${EVENTS.fields} from posthorn.events where id = ?`, {
  takes: ["event_id"],
});

const EVENT_IDS = Array.from({ length: PLACE_COUNT }, () => "event_id" as const);

const GET_SMALL = EVENTS.statement(
  `select ${EVENTS.fields} from posthorn.events where id in (${PLACES}) and length(payload) <= ?`,
  { takes: EVENT_IDS },
);

const KEPT = EVENTS.statement(
  `select id, tags from posthorn.events where id in (${PLACES}) and payload is not null`,
  { takes: EVENT_IDS },
);

const FIND = EVENTS.statement(
  `
  select ${EVENTS.fields}
  from posthorn.events
  where id = ? and tenant = ?`,
  { takes: ["event_id"] },
);

const FIND_BY_KEY = EVENTS.statement(`
  select ${EVENTS.fields}
  from posthorn.events
  where id = (select event from posthorn.event_keys where tenant = ? and event_id = ?) and tenant = ?`);

/** How many of a tenant's events are looked at for a page. */
const LOOKED_AT = 2_000;

/** A page of the events that a condition on their tenant leaves, its `?` first. */
class EventList {
  readonly older: Statement<ListedEvent>;
  readonly newer: Statement<ListedEvent>;
  /** The last one that is looked at, and the one beyond. */
  readonly lastOlder: Statement<ListedEvent>;
  readonly lastNewer: Statement<ListedEvent>;

  constructor(ofTenant: string, takes: readonly Kind[]) {
    // null stands for no condition; a list's text has each of its strings in quotes
    const from = `
      select ${LISTED_EVENTS.fields}
      from posthorn.events
      where ${ofTenant} id > ? and id < ?
        and (cast(? as text) is null or type = ?)
        and (cast(? as text) is null or replace(channels, ?, '') <> channels)
        and (cast(? as text) is null or replace(tags, ?, '') <> tags)
        and (cast(? as text) is null or exists (select 1 from posthorn.tenants t where t.id = events.tenant and t.mode = ?))
      order by id`;
    const last = `
      select id, created_at as "createdAt"
      from posthorn.events
      where ${ofTenant} id > ? and id < ?
      order by id`;
    const options = { takes: [...takes, "event_id", "event_id"] } as const;
    this.older = LISTED_EVENTS.statement(`${from} desc limit ?`, options);
    this.newer = LISTED_EVENTS.statement(`${from} limit ?`, options);
    this.lastOlder = LISTED_EVENTS.statement(`${last} desc limit 2 offset ?`, options);
    this.lastNewer = LISTED_EVENTS.statement(`${last} limit 2 offset ?`, options);
  }
}

const OF_ONE = new EventList("tenant = ? and", ["text"]);
const OF_ALL = new EventList("", []);

const ERASE = EVENTS.statement(
  "update posthorn.events set payload = null where id = ? and payload is not null returning id",
  { takes: ["event_id"] },
);

const ERASE_SPAN = EVENTS.statement(
  `
  update posthorn.events
  set payload = null
  where tenant = ? and payload is not null and id > ? and id <= ?
  returning id`,
  { takes: ["text", "event_id", "event_id"] },
);

/** The statement that writes one. */
export function insertion(event: Event): Call<Event> {
  return INSERT.with(...EVENTS.valuesOf(event));
}

export class Events implements EventShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string): Promise<Event | undefined> {
    const [event] = await this.#session.read(GET.with(id));
    return event;
  }

  async getSmall(ids: readonly string[], mostBytes: number): Promise<Event[]> {
    const reads = inPlaces(ids).map((some) => this.#session.read(GET_SMALL.with(...some, mostBytes)));
    return (await Promise.all(reads)).flat();
  }

  async kept(ids: readonly string[]): Promise<ReadonlyMap<string, Pick<Event, "tags">>> {
    const reads = inPlaces(ids).map((some) => this.#session.read(KEPT.with(...some)));
    return new Map((await Promise.all(reads)).flat().map(({ id, tags }) => [id, { tags }]));
  }

  async find(tenant: string, idOrEventId: string): Promise<Event | undefined> {
    const call = isId("msg", idOrEventId)
      ? FIND.with(idOrEventId, tenant)
      : FIND_BY_KEY.with(tenant, idOrEventId, tenant);
    const [event] = await this.#session.read(call);
    return event;
  }

  async list(tenant: string | null, page: EventPage): Promise<EventSlice> {
    const { limit, before, type = null, channel, tag, mode = null } = page;
    const isBackwards = before !== undefined;
    const [list, of] = tenant === null ? [OF_ALL, []] : [OF_ONE, [tenant]];
    const span = spanOf(page);
    const isPicky = type !== null || channel !== undefined || tag !== undefined || mode !== null;
    const [last, beyond] = isPicky
      ? await this.#session.read(
          (isBackwards ? list.lastNewer : list.lastOlder).with(...of, ...span, LOOKED_AT - 1),
        )
      : [];
    const [from, to] = beyond ? (isBackwards ? [span[0], beyond.id] : [beyond.id, span[1]]) : span;
    const quoted = (label?: string) => (label === undefined ? null : JSON.stringify(label));
    const [inChannel, tagged] = [quoted(channel), quoted(tag)];
    const found = await this.#session.read(
      (isBackwards ? list.newer : list.older).with(
        ...of,
        ...[from, to],
        ...[type, type, inChannel, inChannel, tagged, tagged, mode, mode],
        limit + 1,
      ),
    );
    const events = found.slice(0, limit);
    const hasMore = found.length > limit;
    return {
      events: isBackwards ? events.reverse() : events,
      hasMore,
      searchedTo: hasMore || !beyond || !last ? null : { id: last.id, createdAt: last.createdAt },
    };
  }

  async erase(id: string, audit?: Call<unknown>): Promise<boolean> {
    const [erased] = await this.#session.write(audited(ERASE.with(id), audit));
    return erased.length === 1;
  }

  erasing(tenant: string, after: string, upTo: string): Call<Pick<Event, "id">> {
    return ERASE_SPAN.with(tenant, after, upTo);
  }
}

/** No event has these ids. */
const FIRST_ID = firstIdAt("msg", 0);
const LAST_ID = `msg_7${"z".repeat(25)}`;

/** The ids between which its events have theirs. */
function spanOf({ after, before, since, until }: EventPage): readonly [from: string, to: string] {
  const from = since === undefined ? FIRST_ID : firstIdAt("msg", since);
  const to = until === undefined ? LAST_ID : firstIdAt("msg", until);
  if (before !== undefined) return [before > from ? before : from, to];
  return [from, after !== undefined && after < to ? after : to];
}
