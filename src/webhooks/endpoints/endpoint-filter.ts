import { eventTypeOf } from "../../core/names.ts";
import { textOf, wrong } from "../../core/options.ts";
import type { Listed } from "../../engine/lists.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { KeyPage, Slice } from "../../store/shelves/tables/keyset.ts";
import { patternsThatWant } from "../events/matching/event-type-patterns.ts";

/** Which endpoints to list: those that meet every given condition. */
export interface EndpointFilter {
  readonly status?: Endpoint["status"] | undefined;
  /** Those that get events of this type. */
  readonly eventType?: string | undefined;
  /** Those with this text in their URL, description, uid or id, ignoring case. */
  readonly text?: string | undefined;
}

export interface EndpointPage<Of> extends Listed<Of> {
  /** False if the search stopped before the page was full, because each page looks at 2500 endpoints at most. `nextCursor` continues it. */
  readonly isComplete: boolean;
}

export const OF_ENDPOINT_FILTER = ["status", "eventType", "text"] satisfies (keyof EndpointFilter)[];
export const STATUSES = ["active", "paused", "disabled"] as const satisfies Endpoint["status"][];

const AT_ONCE = 250;
const MOST_LOOKED_AT = 2_500;

/**
 * Undefined if there is no condition.
 * @throws InvalidInputError for a condition that no endpoint could meet.
 */
export function meets({ status, eventType, text }: EndpointFilter): ((row: Endpoint) => boolean) | undefined {
  if (status === undefined && eventType === undefined && text === undefined) return undefined;
  if (status !== undefined && !STATUSES.includes(status))
    throw wrong(["status"], `must be one of ${STATUSES.join(", ")}`);
  const patterns =
    eventType === undefined ? undefined : patternsThatWant(eventTypeOf(eventType, ["eventType"]));
  const sought = text === undefined ? "" : textOf(text, ["text"]).toLowerCase();
  return (row) =>
    (status === undefined || row.status === status) &&
    (patterns === undefined || row.eventTypes === null || !patterns.isDisjointFrom(listIn(row.eventTypes))) &&
    (sought === "" || `${row.url}\n${row.description}\n${row.uid}\n${row.id}`.toLowerCase().includes(sought));
}

/** A page of the rows of a list, or of those that meet a condition. */
export async function pageOfThose(
  list: (page: KeyPage) => Promise<Slice<Endpoint>>,
  page: KeyPage,
  isMeant: ((row: Endpoint) => boolean) | undefined,
): Promise<EndpointPage<Endpoint>> {
  const { limit, after, before } = page;
  const isBackwards = before !== undefined;
  const rows: Endpoint[] = [];
  const atOnce = isMeant ? AT_ONCE : limit;
  let edge = before ?? after;
  let hasMore = true;
  for (let looked = 0; hasMore && rows.length < limit && looked < MOST_LOOKED_AT; looked += atOnce) {
    const slice = await list({ ...page, limit: atOnce, [isBackwards ? "before" : "after"]: edge });
    const walked = isBackwards ? slice.rows.toReversed() : slice.rows;
    hasMore = slice.hasMore;
    for (const row of walked) {
      edge = row.id;
      if (isMeant?.(row) ?? true) rows.push(row);
      if (rows.length < limit) continue;
      hasMore ||= row !== walked.at(-1);
      break;
    }
  }
  const ahead = hasMore ? (edge ?? null) : null;
  return {
    data: isBackwards ? rows.reverse() : rows,
    nextCursor: isBackwards ? (rows.at(-1)?.id ?? before) : ahead,
    prevCursor: isBackwards ? ahead : after === undefined ? null : (rows[0]?.id ?? after),
    isComplete: !hasMore || rows.length === limit,
  };
}

function listIn(eventTypes: string): Set<string> {
  return new Set(JSON.parse(eventTypes) as string[]); // only checked ones are kept
}
