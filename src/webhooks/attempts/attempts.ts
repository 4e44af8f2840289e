import { setImmediate as nextTurn } from "node:timers/promises";
import type { By } from "../../core/actor.ts";
import { readAttemptId } from "../../core/attempt-id.ts";
import { NotFoundError } from "../../core/errors.ts";
import { channelsOf, eventTypeOf, tagsOf } from "../../core/names.ts";
import { instantOf, refuseOther, wholeNumberOf, wrong } from "../../core/options.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import type { Audit } from "../../engine/audit/audit.ts";
import { type Listed, type ListOptions, pageOf } from "../../engine/lists.ts";
import type {
  AttemptConditions,
  AttemptCounts,
  AttemptSlice,
  AttemptsPage,
  EndpointAttempt,
} from "../../store/attempt-records.ts";
import type { Store } from "../../store/store.ts";
import type { Endpoints } from "../endpoints/endpoints.ts";
import type { Events } from "../events/events.ts";
import { laneOf } from "../registry/known-endpoint.ts";
import type { Tenants } from "../tenants/tenants.ts";
import { limitOfEach, lookedAtOfEach, merged } from "./merged.ts";
import { type ShownAttempt, shownAttempt } from "./shown-attempt.ts";

export interface AttemptsParts {
  readonly store: Pick<Store, "attempts">;
  readonly tenants: Pick<Tenants, "get">;
  readonly endpoints: Pick<Endpoints, "get" | "list">;
  readonly events: Pick<Events, "get">;
  readonly audit: Audit;
}

/** Which attempts to list: those that meet every given condition. */
export interface AttemptFilter {
  /** `failed` selects every attempt that did not succeed. */
  readonly status?: "succeeded" | "failed" | undefined;
  /** Such as `2xx`, `5xx` or `timeout`. */
  readonly class?: string | undefined;
  /** Lowest HTTP status, inclusive. An attempt without an answer counts as 0. */
  readonly codeFrom?: number | undefined;
  /** Highest HTTP status, exclusive. */
  readonly codeBefore?: number | undefined;
  /** Of the event. */
  readonly type?: string | undefined;
  readonly channel?: string | undefined;
  readonly tag?: string | undefined;
  /** Started at or after this time: a Date, or RFC 3339. */
  readonly since?: Date | string | undefined;
  /** Started before this time. */
  readonly until?: Date | string | undefined;
}

export type AttemptListOptions = AttemptFilter & Omit<ListOptions, "order">;

/** Newest first. */
export interface ListedAttempts extends Listed<ShownAttempt> {
  /**
   * False if the search stopped before the page was full, because each page searches a bounded number of attempts. `nextCursor` continues
   * it.
   */
  readonly isComplete: boolean;
}

/** The most that is counted: a walk along an index, which takes some milliseconds. */
const MOST_COUNTED = 100_000;
/** The most endpoints of a tenant that one list covers. */
const MOST_ENDPOINTS = 100;
/** So many endpoints are searched at once. */
const AT_ONCE = 4;

const OF_FILTER = [
  "status",
  "class",
  "codeFrom",
  "codeBefore",
  "type",
  "channel",
  "tag",
  "since",
  "until",
] satisfies (keyof AttemptFilter)[];

/**
 * The attempts to deliver events to endpoints, once they have ended. They are kept as long as their deliveries. Tenants, endpoints and
 * events can be named by your own id or by Posthorn's.
 * @throws InvalidInputError from every method, naming what is wrong; StoreUnavailableError when the database does not answer.
 * @throws NotFoundError when there is no such tenant, endpoint, event or attempt.
 */
export class Attempts {
  readonly #parts: AttemptsParts;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
  }

  /**
   * Attempts to deliver to one endpoint, newest first.
   * @example
   * const { data } = await posthorn.webhooks.attempts.ofEndpoint("acme", "main", { status: "failed", since: "2030-01-31T00:00:00Z" });
   */
  async ofEndpoint(
    tenant: string,
    endpoint: string,
    options: AttemptListOptions = {},
  ): Promise<ListedAttempts> {
    const page = attemptsPage(options);
    const { id, tenantId } = await this.#parts.endpoints.get(tenant, endpoint);
    return listedAttempts(await this.#parts.store.attempts.ofEndpoint(laneOf(tenantId, id), page), page);
  }

  /**
   * Attempts to deliver to all of a tenant's endpoints, newest first; if it has more than 100 endpoints, only to the 100 newest.
   * @example
   * const { data } = await posthorn.webhooks.attempts.ofTenant("acme", { status: "failed" });
   */
  async ofTenant(tenant: string, options: AttemptListOptions = {}): Promise<ListedAttempts> {
    const page = attemptsPage(options);
    const newest = { limit: MOST_ENDPOINTS, order: "descending" } as const;
    const { data: endpoints } = await this.#parts.endpoints.list(tenant, newest);
    const { attempts } = this.#parts.store;
    const count = endpoints.length;
    const each = { ...page, limit: limitOfEach(page, count), lookedAt: lookedAtOfEach(count) };
    const slices: AttemptSlice[] = [];
    // a few at once, so that PostgreSQL is not waited for each time, and others get their turn where SQLite answers at once
    for (let from = 0; from < count; from += AT_ONCE) {
      const some = endpoints.slice(from, from + AT_ONCE);
      const searches = some.map(({ id, tenantId }) => attempts.ofEndpoint(laneOf(tenantId, id), each));
      slices.push(...(await Promise.all(searches)));
      await nextTurn();
    }
    return listedAttempts(merged(slices, page), page);
  }

  /**
   * Attempts to deliver an event, newest first.
   * @param options `endpoint`: only to this one; it may have been deleted since, if you give Posthorn's id.
   */
  async ofEvent(
    tenant: string,
    event: string,
    options: AttemptListOptions & { readonly endpoint?: string | undefined } = {},
  ): Promise<ListedAttempts> {
    refuseOther(options, ["options"], "must be an object");
    const { endpoint, ...asked } = options;
    const page = attemptsPage(asked);
    const { id, tenantId } = await this.#parts.events.get(event, tenant);
    const lane = endpoint === undefined ? undefined : await this.#laneOf(tenantId, endpoint);
    const ofLane = { ...page, filter: { ...page.filter, lane } };
    return listedAttempts(await this.#parts.store.attempts.ofEvent(id, ofLane), page);
  }

  /** Counts an endpoint's attempts in a period of time, by outcome; each count stops at 100 000. */
  async count(
    tenant: string,
    endpoint: string,
    span: { readonly since: Date | string; readonly until: Date | string },
  ): Promise<AttemptCounts> {
    refuseOther(span, ["span"], "must be an object with since and until");
    const within = { since: instantOf(span.since, ["since"]), until: instantOf(span.until, ["until"]) };
    const { id, tenantId } = await this.#parts.endpoints.get(tenant, endpoint);
    return this.#parts.store.attempts.countOf(laneOf(tenantId, id), within, MOST_COUNTED);
  }

  /** Looks up one attempt, by its id (`atmpt_…`). */
  async get(tenant: string, attempt: string): Promise<ShownAttempt> {
    return shownAttempt(await this.#find(tenant, attempt));
  }

  /** Permanently erases the endpoint's answer to an attempt. */
  async erase(tenant: string, attempt: string, by?: By): Promise<void> {
    const { store, audit } = this.#parts;
    const found = await this.#find(tenant, attempt);
    const act = audit.act(by, { action: "attempt.erase", target: found.id, tenant: found.tenant });
    if (await store.attempts.erase(found, act.row)) act.done();
  }

  async #find(tenant: string, attempt: string): Promise<EndpointAttempt> {
    const { id } = await this.#parts.tenants.get(tenant);
    const found = await this.#parts.store.attempts.find(attempt);
    if (found?.tenant !== id) throw new NotFoundError("attempt", attempt);
    return found;
  }

  async #laneOf(tenant: string, endpoint: string): Promise<string> {
    const found = await this.#parts.endpoints.get(tenant, endpoint).catch((error: unknown) => {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
    return laneOf(tenant, found?.id ?? endpoint);
  }
}

function attemptsPage(given: AttemptListOptions): AttemptsPage {
  refuseOther(given, ["options"], `must be an object with ${OF_FILTER.join(", ")}`);
  const { status, ...options } = given;
  const { class: failed, codeFrom, codeBefore, type, channel, tag, since, until, ...rest } = options;
  const isCursor = (text: string) => readAttemptId(text) !== undefined;
  const { limit, after, before } = pageOf(rest, isCursor, "descending", OF_FILTER);
  if (status !== undefined && status !== "succeeded" && status !== "failed")
    throw wrong(["status"], "must be succeeded or failed");
  if (failed !== undefined && !ATTEMPT_CLASSES.some((name) => name === failed))
    throw wrong(["class"], `must be one of ${ATTEMPT_CLASSES.join(", ")}`);
  const code = (value: number | undefined, name: string) =>
    value === undefined ? undefined : wholeNumberOf(value, 0, 1_000, [name]);
  const filter: AttemptConditions = {
    status,
    class: failed,
    codeFrom: code(codeFrom, "codeFrom"),
    codeBefore: code(codeBefore, "codeBefore"),
    type: type === undefined ? undefined : eventTypeOf(type),
    channel: channel === undefined ? undefined : channelsOf([channel], ["channel"])[0],
    tag: tag === undefined ? undefined : tagsOf([tag], ["tag"])[0],
    since: since === undefined ? undefined : instantOf(since, ["since"]),
    until: until === undefined ? undefined : instantOf(until, ["until"]),
  };
  return { limit, after, before, filter };
}

function listedAttempts(
  { attempts, hasMore, searchedTo }: AttemptSlice,
  { after, before }: AttemptsPage,
): ListedAttempts {
  const [first, last] = [attempts[0]?.id ?? null, attempts.at(-1)?.id ?? null];
  const on = hasMore ? last : searchedTo;
  const back = hasMore ? first : searchedTo;
  return {
    data: attempts.map(shownAttempt),
    nextCursor: before === undefined ? on : (last ?? before),
    prevCursor: before !== undefined ? back : after === undefined ? null : (first ?? after),
    isComplete: searchedTo === null,
  };
}
