import { JobNotFoundError, NotFoundError } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import type { Listed } from "../../engine/lists.ts";
import type { RegisteredEventType } from "../../webhooks/event-types/event-type-options.ts";
import type { Events } from "../../webhooks/events/events.ts";
import { patternsThatWant } from "../../webhooks/events/matching/event-type-patterns.ts";
import { badBody, badQuery, RequestError } from "../request/request-error.ts";
import type { Caller } from "./permission.ts";

/** A portal session may be limited to some event types: the others, with their events and deliveries, do not exist for it. */
type Seer = Pick<Caller, "eventTypes">;

interface Typed {
  readonly type: string | null;
}

/** @param type null if it is no longer known. */
function seesType({ eventTypes }: Seer, type: string | null): boolean {
  return eventTypes === undefined || (type !== null && eventTypes.has(type));
}

/** @throws NotFoundError when the caller does not see things of this type. */
export function requireTypeSeen(
  caller: Seer,
  type: string | null,
  kind: "event" | "attempt",
  id: string,
): void {
  if (!seesType(caller, type)) throw new NotFoundError(kind, id);
}

/** A page without what the caller does not see. It may be short even if more pages follow. */
export function pageSeen<
  Page extends Pick<Listed<Typed>, "data" | "nextCursor"> & { readonly isComplete: boolean },
>(caller: Seer, page: Page): Page {
  const data = page.data.filter(({ type }) => seesType(caller, type));
  if (data.length === page.data.length) return page;
  return { ...page, data, isComplete: page.nextCursor === null };
}

/** Whether the caller sees the type in the catalogue: the session covers it, and it has no feature flags or one of the caller's. */
export function seesRegistered(
  { eventTypes, featureFlags: granted }: Pick<Caller, "eventTypes" | "featureFlags">,
  { name, featureFlags }: Pick<RegisteredEventType, "name" | "featureFlags">,
): boolean {
  const isFlagged = featureFlags === null || featureFlags.some((flag) => granted?.includes(flag) ?? true);
  return isFlagged && (eventTypes?.has(name) ?? true);
}

/** The caller's view of the event types that an endpoint asks for. @param patterns null for every type. */
export function typesSeenOf(
  { eventTypes }: Seer,
  patterns: readonly string[] | null,
): readonly string[] | null {
  if (eventTypes === undefined || patterns === null) return patterns;
  const wanted = new Set(patterns);
  return [...eventTypes].filter((type) => !wanted.isDisjointFrom(patternsThatWant(type)));
}

/**
 * @param given null for every type.
 * @param field what the request calls them.
 * @throws RequestError 422 when the caller may not choose one of them.
 */
export function requireChoice(
  { eventTypes }: Seer,
  given: readonly string[] | null,
  field: "event_types" | "type" = "event_types",
): void {
  if (eventTypes === undefined || given?.every((type) => eventTypes.has(type))) return;
  const detail = `must be of the event types that this session is for: ${[...eventTypes].join(", ")}`;
  throw badBody([{ path: [field], detail }]);
}

/** @throws RequestError 422 for an event type, asked for in a query, that the caller does not see. */
export function requireTypeAsked({ eventTypes }: Seer, event_type: string): void {
  if (eventTypes === undefined || eventTypes.has(event_type)) return;
  throw badQuery([
    { parameter: "event_type", detail: "must be one of the event types that this session is for" },
  ]);
}

/** Whether an endpoint gets no event types but those that the caller sees. @param patterns null for every type. */
export function seesAllOf({ eventTypes }: Seer, patterns: readonly string[] | null): boolean {
  return eventTypes === undefined || (patterns?.every((type) => eventTypes.has(type)) ?? false);
}

/**
 * @param what it may not do with an endpoint that gets more, such as "change which".
 * @throws RequestError 403 when an endpoint gets event types that the caller may not choose.
 */
export function requireWithin(caller: Seer, patterns: readonly string[] | null, what: string): void {
  if (seesAllOf(caller, patterns)) return;
  throw new RequestError(
    `this endpoint gets more event types than this session is for, so the session may not ${what}`,
    { status: 403, code: "forbidden" },
  );
}

/** @throws JobNotFoundError when the job delivers no event that the caller sees. */
export async function requireDeliverySeen(
  { id, origin }: Job,
  caller: Seer,
  events: Pick<Events, "get">,
): Promise<void> {
  if (caller.eventTypes === undefined) return;
  const event = origin?.event;
  const type = event === undefined ? null : await typeOf(event, events);
  if (!seesType(caller, type)) throw new JobNotFoundError(id);
}

async function typeOf(event: string, events: Pick<Events, "get">): Promise<string | null> {
  try {
    return (await events.get(event)).type;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}
