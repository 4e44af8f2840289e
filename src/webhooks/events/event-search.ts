import { MOST_BYTES_SEARCHED } from "../../core/job-content.ts";
import { rowsThatHold, Searches, type Step } from "../../engine/searches.ts";
import type { SearchedTo } from "../../store/job-records.ts";
import type { EventPage, EventShelf, EventSlice, ListedEvent } from "../../store/shelves/events.ts";

const SLICE = 100;
/** With other conditions, the store looks at so many for a slice. */
const MOST_LOOKED_AT = 2_000;

const utf8 = new TextDecoder();

/** Looks for events by their payload, newest first. */
export class EventSearch {
  readonly #shelf: Pick<EventShelf, "list" | "getSmall">;
  readonly #searches = new Searches();

  constructor(shelf: Pick<EventShelf, "list" | "getSmall">) {
    this.#shelf = shelf;
  }

  /**
   * Those that meet the page's conditions.
   * @param holds whether an event is wanted that has this payload; it is empty where it was erased or is too large.
   * @throws OverloadedError when too many wait for their turn.
   */
  async page(
    tenant: string | null,
    page: EventPage,
    holds: (event: ListedEvent, payload: string) => boolean,
  ): Promise<EventSlice> {
    const { limit } = page;
    const { rows, searchedTo } = await this.#searches.page<ListedEvent, SearchedTo>(limit, (from) =>
      this.#step(tenant, { ...page, limit: SLICE, after: from?.id ?? page.after }, holds),
    );
    return { events: rows, hasMore: rows.length === limit, searchedTo };
  }

  async #step(
    tenant: string | null,
    page: EventPage,
    holds: (event: ListedEvent, payload: string) => boolean,
  ): Promise<Step<ListedEvent, SearchedTo>> {
    const { events, hasMore, searchedTo } = await this.#shelf.list(tenant, page);
    const found = await rowsThatHold(
      events,
      (part) => this.#payloads(part),
      ([event, payload]) => holds(event, payload),
    );
    const last = hasMore ? events.at(-1) : undefined;
    const lookedAt = searchedTo === null ? events.length : MOST_LOOKED_AT;
    return { ...found, lookedAt, searchedTo: last ?? searchedTo, mostMs: Number.POSITIVE_INFINITY };
  }

  async #payloads(part: readonly ListedEvent[]) {
    const ids = part.map(({ id }) => id);
    const small = await this.#shelf.getSmall(ids, MOST_BYTES_SEARCHED);
    const payloads = new Map(small.map(({ id, payload }) => [id, payload && utf8.decode(payload)]));
    return part.map((event) => [event, [event, payloads.get(event.id) ?? ""]] as const);
  }
}
