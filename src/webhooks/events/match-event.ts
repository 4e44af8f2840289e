import { setImmediate as nextTurn } from "node:timers/promises";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";
import type { Verdict } from "./matching/endpoint-matcher.ts";
import type { EventToMatch } from "./matching/event-to-match.ts";

/** Why an endpoint does not get an event. `archived`: the event's type is, so nobody does. */
export type UnsentReason = Exclude<Verdict, "wanted"> | "archived";

/** What was not sent, and why, as it is kept with the event. */
export interface Unsent {
  readonly counts: Readonly<Partial<Record<UnsentReason, number>>>;
  /** Endpoints that their caller may have expected to get it: the first hundred. */
  readonly named: readonly (readonly [endpoint: string, reason: UnsentReason])[];
}

export interface Matched {
  readonly wanted: readonly KnownEndpoint[];
  /** Null when every endpoint gets it. */
  readonly unsent: Unsent | null;
}

const MOST_NAMED = 100;
/** Endpoints that ask for other types or channels are only counted; the others are named. */
const SURPRISING: ReadonlySet<UnsentReason> = new Set(["disabled", "filter", "not_json", "archived"]);

/** After this many endpoints, other work gets a turn of the event loop. */
const AT_ONCE = 100;

/** Which endpoints get an event, in their order. */
export async function matchEvent(
  event: EventToMatch,
  endpoints: readonly KnownEndpoint[],
  isArchived: boolean,
): Promise<Matched> {
  const wanted: KnownEndpoint[] = [];
  const counts: Partial<Record<UnsentReason, number>> = {};
  const named: [string, UnsentReason][] = [];
  for (const [at, endpoint] of endpoints.entries()) {
    if (at > 0 && at % AT_ONCE === 0) await nextTurn();
    const verdict = endpoint.verdictOn(event);
    if (verdict === "wanted" && !isArchived) {
      wanted.push(endpoint);
      continue;
    }
    const reason = verdict === "wanted" ? "archived" : verdict;
    counts[reason] = (counts[reason] ?? 0) + 1;
    if (SURPRISING.has(reason) && named.length < MOST_NAMED) named.push([endpoint.row.id, reason]);
  }
  return { wanted, unsent: wanted.length === endpoints.length ? null : { counts, named } };
}
