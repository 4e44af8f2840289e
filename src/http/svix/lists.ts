import { setImmediate as nextTurn } from "node:timers/promises";
import type { Listed, ListOptions } from "../../engine/lists.ts";
import { JsonText } from "../../webhooks/accept/deliver-request.ts";
import { jsonText } from "../answer/answer.ts";
import { asWritten } from "./as-written.ts";
import { invalid, SvixError } from "./errors.ts";
import type { SvixRequest } from "./operation.ts";

const MOST = 250;
const DEFAULT = 50;

/** Where a list of the library's begins. An iterator is the key of the last item of a page; with a minus, of the first, to go back. */
export function pageOf({ query }: SvixRequest, isKey: (text: string) => boolean): ListOptions {
  const limit = limitOf(query);
  const iterator = query.get("iterator");
  if (!iterator) return { limit };
  const isBack = iterator.startsWith("-");
  const key = isBack ? iterator.slice(1) : iterator;
  if (!isKey(key)) throw invalid(["query", "iterator"], "is not an iterator of this list");
  return isBack ? { limit, before: key } : { limit, after: key };
}

export function orderOf({ query }: SvixRequest): Pick<ListOptions, "order"> {
  const order = query.get("order");
  if (order === null) return {};
  if (order !== "ascending" && order !== "descending")
    throw invalid(["query", "order"], "must be ascending or descending");
  return { order };
}

export function limitOf(query: URLSearchParams): number {
  const text = query.get("limit");
  if (text === null) return DEFAULT;
  if (!/^\d{1,9}$/.test(text)) throw new SvixError(400, "generic_error", "limit must be a whole number");
  const limit = Number(text);
  if (limit < 1 || limit > MOST) throw invalid(["query", "limit"], `must be from 1 to ${MOST}`);
  return limit;
}

/** A page as Svix's clients read it. @param keyOf what its iterators are made of. */
export function listAnswer<Of>(
  page: Pick<ListOptions, "before">,
  { data, nextCursor, prevCursor }: Listed<Of>,
  keyOf: (of: Of) => string,
  show: (of: Of) => unknown,
): Response {
  const done = (page.before === undefined ? nextCursor : prevCursor) === null;
  return gatheredAnswer({ data, done }, keyOf, show);
}

export function gatheredAnswer<Of>(
  { data, done, reached }: Gathered<Of>,
  keyOf: (of: Of) => string,
  show: (of: Of) => unknown,
): Response {
  const [first, last] = [data[0], data.at(-1)];
  return jsonText(
    200,
    asWritten({
      data: new JsonText(`[${data.map((each) => asWritten(show(each))).join(",")}]`),
      iterator: last === undefined ? (reached ?? null) : keyOf(last),
      ...(first !== undefined && { prevIterator: `-${keyOf(first)}` }),
      done,
    }),
  );
}

/** How many items of a list are searched for a page that is filtered here. */
const MOST_LOOKED_AT = 1_000;

export interface Gathered<Of> {
  readonly data: readonly Of[];
  readonly done: boolean;
  /** How far the search came, if that is not the last match. */
  readonly reached?: string;
}

/**
 * A page of those that fit, of a list that the library does not filter by that.
 * @param take returns the matching ones among several, in their order; undefined entries are skipped.
 */
export async function gather<From, Of>(
  page: ListOptions,
  list: (page: ListOptions) => Promise<Listed<From>>,
  take: (some: readonly From[]) => readonly (Of | undefined)[] | Promise<readonly (Of | undefined)[]>,
): Promise<Gathered<Of>> {
  const { limit = DEFAULT } = page;
  const isBack = page.before !== undefined;
  const data: Of[] = [];
  let at: ListOptions = page;
  for (let looked = 0; ; ) {
    // mostly all of them match, and one more shows whether there are others
    const found = await list({ ...at, limit: looked === 0 ? Math.min(limit + 1, MOST) : MOST });
    const some = await take(found.data);
    for (const taken of isBack ? some.toReversed() : some) {
      if (taken === undefined) continue;
      if (data.length === limit) return { data: isBack ? data.reverse() : data, done: false };
      data.push(taken);
    }
    // a list may have to search many to find few
    looked += Math.max(found.data.length, MOST);
    const cursor = isBack ? found.prevCursor : found.nextCursor;
    if (cursor === null) return { data: isBack ? data.reverse() : data, done: true };
    if (looked >= MOST_LOOKED_AT)
      return { data: isBack ? data.reverse() : data, done: false, reached: isBack ? `-${cursor}` : cursor };
    at = isBack ? { ...page, before: cursor } : { ...page, after: cursor };
    await nextTurn();
  }
}

/** RFC 3339, as clients write it, and what `Date` reads besides; milliseconds since the epoch. */
export function momentOf({ query }: SvixRequest, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalid(["query", name], "must be a time in RFC 3339");
  return ms;
}

/** `a,b`, repeated, and `event_types[]=` or `event_types[0]=`; undefined for all of them. */
export function eventTypesOf({ query }: SvixRequest): ReadonlySet<string> | undefined {
  const types = [...query]
    .filter(([name]) => /^event_types(?:\[\d*\])?$/.test(name))
    .flatMap(([, value]) => value.split(","))
    .filter((type) => type !== "");
  return types.length > 0 ? new Set(types) : undefined;
}
