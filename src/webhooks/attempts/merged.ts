import type { AttemptSlice, AttemptsPage, EndpointAttempt } from "../../store/attempt-records.ts";

/**
 * One page made of the pages of several endpoints, each asked for the same. Ids of attempts sort by when they began, whosever they are.
 * Where the look at one endpoint ended early, what lies beyond that place is left to the next page: of this endpoint something may
 * belong before it.
 */
export function merged(slices: readonly AttemptSlice[], { limit, before }: AttemptsPage): AttemptSlice {
  const rises = before !== undefined;
  const isFirst = (one: string, other: string) => (rises ? one < other : one > other);
  const inOrder = (one: EndpointAttempt, other: EndpointAttempt) => (isFirst(one.id, other.id) ? -1 : 1);
  const searchedTo = slices
    .flatMap((slice) => slice.searchedTo ?? [])
    .reduce<string | null>((first, each) => (first === null || isFirst(each, first) ? each : first), null);
  const found = slices
    .flatMap(({ attempts }) => attempts)
    .filter(({ id }) => searchedTo === null || !isFirst(searchedTo, id))
    .sort(inOrder);
  const attempts = found.slice(0, limit);
  const hasMore = found.length > limit || (found.length === limit && slices.some((slice) => slice.hasMore));
  return {
    attempts: rises ? attempts.reverse() : attempts,
    hasMore,
    searchedTo: hasMore ? null : searchedTo,
  };
}
