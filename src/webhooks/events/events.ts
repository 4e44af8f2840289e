import type { By } from "../../core/actor.ts";
import { NotFoundError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { dateOf } from "../../core/instant.ts";
import { textHolds } from "../../core/job-content.ts";
import { channelsOf, eventTypeOf, isCallerId, tagsOf } from "../../core/names.ts";
import { collectProblems, instantOf, refuseOther, textOf, wrong } from "../../core/options.ts";
import type { Audit } from "../../engine/audit/audit.ts";
import { soughtOf } from "../../engine/job-queries.ts";
import { type ListOptions, pageOf, type SearchedPage } from "../../engine/lists.ts";
import type { Event, ListedEvent as Row } from "../../store/shelves/events.ts";
import type { Store } from "../../store/store.ts";
import type { DeliverySecrets } from "../signing/delivery-secrets.ts";
import { modeOf } from "../tenants/tenant-options.ts";
import { EventSearch } from "./event-search.ts";
import { type KeptEvent, keptEvent, type ListedEvent, listedEvent } from "./kept-event.ts";
import { tenantOf } from "./read-send-request.ts";

export interface EventsParts {
  readonly store: Pick<Store, "events" | "tenants">;
  readonly secrets: Pick<DeliverySecrets, "eventHeadersOf">;
  readonly audit: Audit;
}

/** Which events to list: those that meet every given condition. */
export interface EventFilter {
  readonly type?: string | undefined;
  readonly channel?: string | undefined;
  readonly tag?: string | undefined;
  /** Sent at or after this time: a Date, or RFC 3339. */
  readonly since?: Date | string | undefined;
  /** Sent before this time. */
  readonly until?: Date | string | undefined;
  /** Of tenants of this mode. */
  readonly mode?: "live" | "test" | undefined;
  /**
   * Events whose payload or one of whose ids contains exactly this string, of 2 to 200 characters; or, as `$.data.id = 42`, whose payload has
   * this value at this path. Payloads of more than 64 KiB are not searched.
   */
  readonly text?: string | undefined;
}

/** A page of events, newest first. */
export interface EventPage extends SearchedPage<ListedEvent> {}

/** No database keeps a payload that is larger. */
const LARGEST_BYTES = 2 ** 31 - 1;

const OF_FILTER = [
  "type",
  "channel",
  "tag",
  "since",
  "until",
  "mode",
  "text",
] satisfies (keyof EventFilter)[];

/**
 * The events that were sent, for as long as they are kept. Their deliveries are jobs: `posthorn.jobs.list({ event: id })`.
 * @throws InvalidInputError from every method, naming what is wrong; StoreUnavailableError when the database does not answer.
 * @throws NotFoundError when there is no such event or tenant.
 */
export class Events {
  readonly #parts: EventsParts;
  readonly #search: EventSearch;

  constructor(parts: EventsParts) {
    this.#parts = parts;
    this.#search = new EventSearch(parts.store.events);
  }

  /**
   * @param event Posthorn's id; or your own, if the tenant is given.
   * @param tenant its uid or id; events of other tenants are not found.
   * @example
   * const { unsent } = await posthorn.webhooks.events.get("invoice-42-paid", "acme");
   */
  async get(event: string, tenant?: string): Promise<KeptEvent> {
    textOf(event, ["event"], "must be the id of an event, a string");
    const row = tenant === undefined ? await this.#ofAny(event) : await this.#of(event, tenant);
    if (!row) throw new NotFoundError("event", event);
    return keptEvent(row, this.#namesOf(row));
  }

  /** The events of a tenant with these ids whose payloads have not been erased, in no particular order. */
  async known(tenant: string, events: readonly string[]): Promise<readonly KeptEvent[]> {
    const owner = await this.#tenant(tenant);
    const found = await this.#parts.store.events.getSmall(events, LARGEST_BYTES);
    return found.flatMap((row) => (row.tenant === owner ? keptEvent(row, this.#namesOf(row)) : []));
  }

  /**
   * Newest first. With `text`, a page looks at a few thousand events at most, and there is no way back to newer ones; two searches are made
   * at once, at a quarter of the time, so that deliveries go on.
   * @param tenant its uid or id; null for the events of all tenants.
   * @param holds with `text`, decides instead of it whether a payload is wanted: for callers who are not shown all of it.
   * @example
   * const { data } = await posthorn.webhooks.events.list("acme", { type: "invoice.paid", since: "2030-01-31T00:00:00Z" });
   */
  async list(
    tenant: string | null,
    filter: EventFilter & Omit<ListOptions, "order"> = {},
    holds?: (payload: string) => boolean,
  ): Promise<EventPage> {
    refuseOther(filter, ["filter"], `must be an object with ${OF_FILTER.join(", ")}`);
    const { type, channel, tag, since, until, mode, text, ...options } = filter;
    const { limit, after, before } = pageOf(options, "msg", "descending", OF_FILTER);
    const owner = tenant === null ? null : await this.#tenant(tenant);
    const sought = text === undefined ? undefined : soughtOf(text);
    if (sought && before !== undefined)
      throw wrong(["before"], "cannot be given with text, which is searched for in older events only");
    const conditions = {
      limit,
      after,
      before,
      type: type === undefined ? undefined : eventTypeOf(type),
      channel: channel === undefined ? undefined : channelsOf([channel], ["channel"])[0],
      tag: tag === undefined ? undefined : tagsOf([tag], ["tag"])[0],
      since: since === undefined ? undefined : instantOf(since, ["since"]),
      until: until === undefined ? undefined : instantOf(until, ["until"]),
      mode: mode === undefined ? undefined : modeOf(mode),
    };
    const isWanted = holds ?? ((payload: string) => sought !== undefined && textHolds(payload, sought));
    const { events, hasMore, searchedTo } =
      text === undefined
        ? await this.#parts.store.events.list(owner, conditions)
        : await this.#search.page(
            owner,
            conditions,
            ({ id, eventId }, payload) => id.includes(text) || eventId?.includes(text) || isWanted(payload),
          );
    const [first, last] = [events[0]?.id ?? null, events.at(-1)?.id ?? null];
    const far = searchedTo?.id ?? null;
    const isBackwards = before !== undefined;
    return {
      data: events.map((row) => listedEvent(row, this.#namesOf(row))),
      nextCursor: isBackwards ? (last ?? before) : hasMore ? last : far,
      prevCursor: isBackwards
        ? hasMore
          ? first
          : far
        : after === undefined || text !== undefined
          ? null
          : (first ?? after),
      isComplete: searchedTo === null,
      searchedTo: searchedTo && dateOf(searchedTo.createdAt),
    };
  }

  /** Permanently erases the event's payload; deliveries that still had to carry it fail. Returns whether there was a payload to erase. */
  async erase(tenant: string, event: string, by?: By): Promise<boolean> {
    const { store, audit } = this.#parts;
    const { id, tenantId } = await this.get(event, tenant);
    const act = audit.act(by, { action: "event.erase", target: id, tenant: tenantId });
    const isErased = await store.events.erase(id, act.row);
    if (isErased) act.done();
    return isErased;
  }

  #ofAny(event: string): Promise<Event | undefined> {
    return isId("msg", event) ? this.#parts.store.events.get(event) : Promise.resolve(undefined);
  }

  async #of(event: string, tenant: string): Promise<Event | undefined> {
    if (!isId("msg", event) && !isCallerId(event, "msg")) return undefined;
    return this.#parts.store.events.find(await this.#tenant(tenant), event);
  }

  async #tenant(tenant: string): Promise<string> {
    // a string that cannot be a name names nothing
    const name = collectProblems([], () => tenantOf(tenant));
    const found = name === undefined ? undefined : await this.#parts.store.tenants.get(name);
    if (!found) throw new NotFoundError("tenant", tenant);
    return found.id;
  }

  #namesOf({ id, headers }: Pick<Row, "id" | "headers">): readonly string[] {
    // as `send` keeps them
    return headers === null ? [] : Object.keys(this.#parts.secrets.eventHeadersOf(id, JSON.parse(headers)));
  }
}
