import { type IdPrefix, isId, timeOfId } from "../core/id.ts";
import { dateOf } from "../core/instant.ts";
import { refuseUnknown, textOf, wholeNumberOf, wrong } from "../core/options.ts";
import type { KeyPage, Slice } from "../store/shelves/tables/keyset.ts";

/** Which page of a list. */
export interface ListOptions {
  /** Page size. Default 50, from 1 to 250. */
  readonly limit?: number | undefined;
  /** Sorted by id, which means by time; event types by name. */
  readonly order?: "ascending" | "descending" | undefined;
  /** The `nextCursor` of a page, for the page after it. Give `after` or `before`, not both. */
  readonly after?: string | undefined;
  /** The `prevCursor` of a page, for the page before it. */
  readonly before?: string | undefined;
}

/** A page, in the order that was asked for. */
export interface Listed<Of> {
  readonly data: readonly Of[];
  /** For the next page; null if this is the last one. */
  readonly nextCursor: string | null;
  /** For the previous page; null if this is the first one. */
  readonly prevCursor: string | null;
}

/** A page of a list that is searched: each page looks at a bounded number of rows, however few of them meet its conditions. */
export interface SearchedPage<Of> extends Listed<Of> {
  /** False if the search stopped before the page was full: it may be short or empty, and the next one searches on. */
  readonly isComplete: boolean;
  /** From when the last one is that was looked at, if there may be more to find; otherwise null. */
  readonly searchedTo: Date | null;
}

const DEFAULT_LIMIT = 50;
const MOST_LISTED = 250;
const MEMBERS = ["limit", "order", "after", "before"] satisfies (keyof ListOptions)[];
export const NOT_A_CURSOR = "is not a cursor of this list";

/**
 * @param cursors the prefix of the ids that it goes by, or what tells its cursors.
 * @param more options of this list besides those of every list.
 * @throws InvalidInputError naming what is wrong.
 */
export function pageOf(
  options: ListOptions,
  cursors: IdPrefix | ((text: string) => boolean),
  defaultOrder: KeyPage["order"] = "ascending",
  more: readonly string[] = [],
): KeyPage {
  refuseUnknown(options, [...MEMBERS, ...more]);
  const { limit = DEFAULT_LIMIT, order = defaultOrder, after, before } = options;
  if (order !== "ascending" && order !== "descending")
    throw wrong(["order"], "must be ascending or descending");
  if (after !== undefined && before !== undefined)
    throw wrong(["before"], "cannot be given with after; give one of the two");
  const isCursor = typeof cursors === "string" ? (text: string) => isId(cursors, text) : cursors;
  const ends = { after, before };
  for (const [name, cursor] of Object.entries(ends))
    if (cursor !== undefined && !isCursor(textOf(cursor, [name]))) throw wrong([name], NOT_A_CURSOR);
  return { limit: wholeNumberOf(limit, 1, MOST_LISTED, ["limit"]), order, ...ends };
}

/** @param keyOf what the list goes by. */
export function listed<Row, Of>(
  { rows, hasMore, searchedTo }: Slice<Row>,
  { after, before }: Pick<KeyPage, "after" | "before">,
  keyOf: (row: Row) => string,
  show: (row: Row) => Of,
): Listed<Of> {
  const [first = null, last = null] = [rows[0], rows.at(-1)].map((row) => row && keyOf(row));
  const ahead = hasMore ? (before === undefined ? last : first) : searchedTo;
  // where nothing was found on the way, back is where the page came from
  const back = (edge: string | null, cursor: string) => edge ?? (searchedTo === null ? null : cursor);
  const data = rows.map(show);
  return before === undefined
    ? { data, nextCursor: ahead, prevCursor: after === undefined ? null : back(first, after) }
    : { data, nextCursor: back(last, before), prevCursor: ahead };
}

/** @param idOf what the list goes by. */
export function searched<Row, Of>(
  slice: Slice<Row>,
  page: Pick<KeyPage, "after" | "before">,
  idOf: (row: Row) => string,
  show: (row: Row) => Of,
): SearchedPage<Of> {
  const { searchedTo } = slice;
  return {
    ...listed(slice, page, idOf, show),
    isComplete: searchedTo === null,
    searchedTo: searchedTo === null ? null : dateOf(timeOfId(searchedTo)),
  };
}
