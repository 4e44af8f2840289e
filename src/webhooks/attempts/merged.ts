import type { AttemptSlice, AttemptsPage, EndpointAttempt } from "../../store/attempt-records.ts";

/** The least to read of each endpoint, however many there are. */
const LEAST = 10;
/** How much to read in all, in pages: enough to fill a page even if some endpoints get more than others. */
const SPARE = 4;

const MOST_OF_ALL = 10_000;
const MOST_OF_ONE = 1_000;
const LEAST_OF_EACH = 100;

/** How many attempts of each endpoint are looked up for a page, so that many endpoints do not make it take long. */
export function limitOfEach({ limit }: Pick<AttemptsPage, "limit">, endpoints: number): number {
  return Math.min(limit, Math.max(LEAST, Math.ceil((SPARE * limit) / Math.max(1, endpoints))));
}

/** How many attempts of each endpoint are searched for a page: of all together about ten times as many as of one alone. */
export function lookedAtOfEach(endpoints: number): number {
  return Math.min(MOST_OF_ONE, Math.max(LEAST_OF_EACH, Math.ceil(MOST_OF_ALL / Math.max(1, endpoints))));
}

/**
 * Merges pages of several endpoints into one. Ids of attempts sort by start time across endpoints. Where the search of one endpoint
 * stopped, later attempts of it may be missing, so the merged page ends there, and the rest is left to the next page.
 */
export function merged(slices: readonly AttemptSlice[], { limit, before }: AttemptsPage): AttemptSlice {
  const rises = before !== undefined;
  const isFirst = (one: string, other: string) => (rises ? one < other : one > other);
  const ends = slices.flatMap(({ attempts, hasMore, searchedTo }) => {
    const last = attempts.at(rises ? 0 : -1)?.id ?? null;
    return (hasMore && attempts.length < limit ? last : searchedTo) ?? [];
  });
  const end = ends.reduce<string | null>(
    (first, each) => (first === null || isFirst(each, first) ? each : first),
    null,
  );
  const found = slices
    .flatMap(({ attempts }) => attempts)
    .filter(({ id }) => end === null || !isFirst(end, id))
    .sort((one: EndpointAttempt, other: EndpointAttempt) => (isFirst(one.id, other.id) ? -1 : 1));
  const attempts = found.slice(0, limit);
  const hasMore = found.length > limit || (found.length === limit && slices.some((slice) => slice.hasMore));
  return {
    attempts: rises ? attempts.reverse() : attempts,
    hasMore,
    searchedTo: hasMore ? null : end,
  };
}
