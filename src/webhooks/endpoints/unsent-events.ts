import { SKEW_MS } from "../../core/clock.ts";
import { NotFoundError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { dateOf } from "../../core/instant.ts";
import { eventTypeOf, isCallerId } from "../../core/names.ts";
import { instantOf, refuseUnknown, textOf, wrong } from "../../core/options.ts";
import { NOT_A_CURSOR } from "../../engine/lists.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { ListedEvent } from "../../store/shelves/events.ts";
import type { Store } from "../../store/store.ts";
import { JOBS_AT_ONCE } from "../events/jobs-at-once.ts";
import type { Unsent, UnsentReason } from "../events/match-event.ts";
import { EventToMatch } from "../events/matching/event-to-match.ts";
import { type KnownEndpoint, laneOf } from "../registry/known-endpoint.ts";
import type { Registry } from "../registry/registry.ts";

export interface UnsentParts {
  readonly store: Pick<Store, "bulkJobs" | "events" | "fanouts">;
  readonly registry: Pick<Registry, "load">;
}

export const UNSENT_REASONS = [
  ...(["disabled", "type", "channel", "filter", "not_json", "archived"] as const),
  ...(["too_old", "being_sent", "unrecorded"] as const),
] satisfies UnsentWhy[];

/**
 * Why an endpoint did not get an event. `too_old`: the endpoint was created later. `being_sent`: its deliveries are still being made.
 * `unrecorded`: no delivery is kept, and no reason; the endpoint asked for other events then, or the delivery is past its retention.
 */
export type UnsentWhy = UnsentReason | "too_old" | "being_sent" | "unrecorded";

/** The outcome of an event at one endpoint. */
export interface EventAtEndpoint {
  /** Posthorn's id. */
  readonly eventId: string;
  /** Your own. */
  readonly givenEventId: string | null;
  readonly type: string;
  readonly createdAt: Date;
  /** Why it was not sent; null if it was. */
  readonly reason: UnsentWhy | null;
  /** Its newest delivery to the endpoint; null if it has none. */
  readonly jobId: string | null;
}

/** Which events to list: those that meet every given condition. */
export interface UnsentOptions {
  /** Sent at or after this time: a Date, or RFC 3339. Default: when the endpoint was created. */
  readonly since?: Date | string | undefined;
  /** Sent before this time. */
  readonly until?: Date | string | undefined;
  readonly type?: string | undefined;
  /** Only those that were not sent for one of these reasons. */
  readonly reasons?: readonly UnsentWhy[] | undefined;
  /** At most this many: 1 to 250. Default 50. */
  readonly limit?: number | undefined;
  /** The `nextCursor` of another page. */
  readonly after?: string | undefined;
}

export interface UnsentPage {
  /** Newest first. */
  readonly data: readonly EventAtEndpoint[];
  /** Where the next page begins; null if all events were looked at. */
  readonly nextCursor: string | null;
  /** The oldest event that was looked at; null if there was none. */
  readonly searchedTo: Date | null;
}

/** So many events are looked at for a page, however few of them it shows. */
const LOOKED_AT = 250;
const DEFAULT_LIMIT = 50;
const OPTIONS = ["since", "until", "type", "reasons", "limit", "after"] satisfies (keyof UnsentOptions)[];
const NOTHING = new Uint8Array();

/** What an endpoint did not get, and why: from what was recorded when the event was sent, otherwise from what the endpoint asks for now. */
export class UnsentEvents {
  readonly #parts: UnsentParts;

  constructor(parts: UnsentParts) {
    this.#parts = parts;
  }

  async list(endpoint: Endpoint, options: UnsentOptions): Promise<UnsentPage> {
    refuseUnknown(options, OPTIONS);
    const {
      since = new Date(endpoint.createdAt),
      until,
      type,
      reasons,
      limit = DEFAULT_LIMIT,
      after,
    } = options;
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= LOOKED_AT))
      throw wrong(["limit"], `must be a whole number from 1 to ${LOOKED_AT}`);
    if (after !== undefined && !isId("msg", after)) throw wrong(["after"], NOT_A_CURSOR);
    if (reasons && !(Array.isArray(reasons) && reasons.every((each) => UNSENT_REASONS.includes(each))))
      throw wrong(["reasons"], `must be a list of ${UNSENT_REASONS.join(", ")}`);
    const wanted = type === undefined ? undefined : eventTypeOf(type);
    const { events, hasMore } = await this.#parts.store.events.list(endpoint.tenant, {
      limit: LOOKED_AT,
      after,
      since: instantOf(since, ["since"]),
      until: until === undefined ? undefined : instantOf(until, ["until"]),
    });
    const found = await this.#at(
      endpoint,
      events.filter((event) => wanted === undefined || event.type === wanted),
    );
    const unsent = found.filter(
      ({ reason }) => reason !== null && (reasons === undefined || reasons.includes(reason)),
    );
    const data = unsent.slice(0, limit);
    const isCut = unsent.length > limit;
    const [last, lookedAt] = [data.at(-1), events.at(-1)];
    return {
      data,
      nextCursor: isCut ? (last?.eventId ?? null) : hasMore ? (lookedAt?.id ?? null) : null,
      searchedTo: isCut ? (last?.createdAt ?? null) : lookedAt ? dateOf(lookedAt.createdAt) : null,
    };
  }

  /** @param event Posthorn's id of it, or your own. */
  async one(endpoint: Endpoint, event: string): Promise<EventAtEndpoint> {
    textOf(event, ["event"], "must be the id of an event, a string");
    const isName = isId("msg", event) || isCallerId(event, "msg");
    const row = isName ? await this.#parts.store.events.find(endpoint.tenant, event) : undefined;
    const [found] = row ? await this.#at(endpoint, [row]) : [];
    if (!found) throw new NotFoundError("event", event);
    return found;
  }

  /** In their order. */
  async #at(endpoint: Endpoint, events: readonly ListedEvent[]): Promise<readonly EventAtEndpoint[]> {
    const oldest = events.at(-1);
    if (!oldest) return [];
    const { store, registry } = this.#parts;
    const { tenant, id } = endpoint;
    const known = (await registry.load([{ tenant, id }])).get(id);
    // before the jobs: one that is made meanwhile is seen
    const large = events.filter(({ jobs }) => jobs > JOBS_AT_ONCE).map((event) => event.id);
    const sending = await store.fanouts.among(large);
    const ids = events.map((event) => event.id);
    // another machine may have made it, whose clock is behind
    const jobs = await store.bulkJobs.delivering(laneOf(tenant, id), ids, oldest.createdAt - SKEW_MS);
    const jobOf = new Map(jobs.map((job) => [job.event, job.id]));
    return events.map((event) => {
      const jobId = jobOf.get(event.id) ?? null;
      const why = () => (sending.has(event.id) ? "being_sent" : reasonOf(event, endpoint, known));
      return {
        eventId: event.id,
        givenEventId: event.eventId,
        type: event.type,
        createdAt: dateOf(event.createdAt),
        reason: jobId === null ? why() : null,
        jobId,
      };
    });
  }
}

function reasonOf(event: ListedEvent, endpoint: Endpoint, known: KnownEndpoint | undefined): UnsentWhy {
  const unsent = event.unsent === null ? undefined : (JSON.parse(event.unsent) as Unsent); // only `matchEvent` makes it
  const named = unsent?.named.find(([id]) => id === endpoint.id);
  if (named) return named[1];
  if (event.createdAt < endpoint.createdAt) return "too_old";
  const channels = event.channels === null ? null : (JSON.parse(event.channels) as string[]); // only checked ones are kept
  const verdict = known?.verdictOn(new EventToMatch({ type: event.type, channels, payload: NOTHING }));
  if (verdict === "type" || verdict === "channel") return verdict;
  // a tenant with very many endpoints: they are not all named
  return endpoint.status === "disabled" && endpoint.statusAt <= event.createdAt ? "disabled" : "unrecorded";
}
