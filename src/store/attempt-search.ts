import { setImmediate as nextTurn } from "node:timers/promises";
import { attemptIdOf, firstAttemptIdAt, readAttemptId } from "../core/attempt-id.ts";
import type { AttemptConditions, AttemptSlice, AttemptsPage, EndpointAttempt } from "./attempt-records.ts";

/** How many attempts are searched for one page, whether they match or not, where nothing else is asked. */
const MOST_LOOKED_AT = 1_000;
const AT_ONCE = 250;

/** Where a walk starts: after the attempt with this id, which need not exist. */
export interface AttemptWalk {
  /** Whether it goes from old to new. */
  readonly rises: boolean;
  readonly from: string;
  readonly limit: number;
}

/** A store's own search for attempts, from which pages are made. */
export interface AttemptSource {
  /** Attempts of one endpoint or event, in the order of the walk; fewer than its limit only if there are no more. */
  walk(walk: AttemptWalk): Promise<readonly EndpointAttempt[]>;
}

/** No attempt has a later id. */
const LAST_ID = `atmpt_${"z".repeat(27)}`;

/** Searches attempts until the page is full, there are no more, or enough were searched. */
export async function searchAttempts(
  { limit, filter, after, before, lookedAt = MOST_LOOKED_AT }: AttemptsPage,
  source: AttemptSource,
): Promise<AttemptSlice> {
  const rises = before !== undefined;
  const first = filter.since === undefined ? "" : firstAttemptIdAt(filter.since);
  const last = filter.until === undefined ? LAST_ID : firstAttemptIdAt(filter.until);
  const found: EndpointAttempt[] = [];
  const page = (searchedTo: string | null): AttemptSlice => {
    const attempts = found.slice(0, limit);
    const hasMore = found.length > limit;
    return {
      attempts: rises ? attempts.reverse() : attempts,
      hasMore,
      searchedTo: hasMore ? null : searchedTo,
    };
  };
  let from = rises ? latest(before, first) : earliest(after ?? last, last);
  let looked = 0;
  for (;;) {
    const many = Math.min(isWhole(filter) ? limit + 1 : AT_ONCE, lookedAt - looked);
    const attempts = await source.walk({ rises, from, limit: many });
    for (const attempt of attempts) {
      if (rises ? attempt.id >= last : attempt.id < first) return page(null);
      if (fits(attempt, filter)) found.push(attempt);
      if (found.length > limit) return page(null);
    }
    looked += attempts.length;
    const reached = attempts.at(-1)?.id;
    if (reached === undefined || attempts.length < many) return page(null);
    if (looked >= lookedAt) return page(reached);
    from = reached;
    await nextTurn(); // SQLite answers at once, so nothing else would be done meanwhile
  }
}

/** What a store compares the places of attempts by, besides when they began. */
export interface WalkBound {
  readonly startedAt: number;
  /** What the id of the job begins with, of the attempt that the walk begins beyond. */
  readonly jobIdStart: string;
}

export function boundOf({ from }: AttemptWalk): WalkBound {
  return readAttemptId(from) ?? { startedAt: -1, jobIdStart: "" };
}

/** An attempt with everything that filters compare. */
export function attemptOf(row: Omit<EndpointAttempt, "id">): EndpointAttempt {
  return { ...row, id: attemptIdOf(row) };
}

/** A list that is kept as JSON text. */
export function labelsOf(text: string | null): readonly string[] {
  return text === null ? [] : (JSON.parse(text) as string[]); // as the event was accepted with them
}

function fits(attempt: EndpointAttempt, filter: AttemptConditions): boolean {
  const { status, codeFrom = 0, codeBefore = Number.MAX_SAFE_INTEGER, type, channel, tag, lane } = filter;
  const code = attempt.code ?? 0;
  return (
    (status === undefined || (status === "succeeded") === (attempt.outcome === "succeeded")) &&
    (filter.class === undefined || attempt.class === filter.class) &&
    code >= codeFrom &&
    code < codeBefore &&
    (type === undefined || attempt.type === type) &&
    (channel === undefined || attempt.channels.includes(channel)) &&
    (tag === undefined || attempt.tags.includes(tag)) &&
    (lane === undefined || attempt.lane === lane)
  );
}

/** Says for each attempt of the walk whether it matches. */
function isWhole({
  since: _,
  until: __,
  lane: ___,
  status: ____,
  ...conditions
}: AttemptConditions): boolean {
  return Object.values(conditions).every((condition) => condition === undefined);
}

function latest(a: string, b: string): string {
  return a > b ? a : b;
}

function earliest(a: string, b: string): string {
  return a < b ? a : b;
}
