import { type Listed, type ListOptions, NOT_A_CURSOR, type SearchedPage } from "../../engine/lists.ts";
import { badQuery } from "../request/request-error.ts";
import { rfc3339OrNull } from "./rfc3339.ts";

/** The page's place in the list as the library takes it. */
interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The content of a cursor: continue after a row, or end before it. Opaque to callers, like every cursor. */
const CURSOR = /^([ab])([a-zA-Z0-9\-_.]{1,300})$/;

/** @throws RequestError 422 when the cursor is not one of such a list. */
export function pageOptions({ limit, cursor }: PageQuery): Pick<ListOptions, "limit" | "after" | "before"> {
  if (cursor === undefined) return { limit };
  const text = Buffer.from(cursor, "base64url").toString();
  const [, side, key] = CURSOR.exec(text) ?? [];
  if (key === undefined || Buffer.from(text).toString("base64url") !== cursor)
    throw badQuery([{ parameter: "cursor", detail: NOT_A_CURSOR }]);
  return side === "a" ? { limit, after: key } : { limit, before: key };
}

export function listedView<Of, View>({ data, nextCursor, prevCursor }: Listed<Of>, view: (of: Of) => View) {
  return {
    data: data.map(view),
    next_cursor: nextCursor && Buffer.from(`a${nextCursor}`).toString("base64url"),
    prev_cursor: prevCursor && Buffer.from(`b${prevCursor}`).toString("base64url"),
  };
}

export function searchedView<Of, View>(page: SearchedPage<Of>, view: (of: Of) => View) {
  const { searchedTo, isComplete: complete } = page;
  return { ...listedView(page, view), searched_to: rfc3339OrNull(searchedTo), complete };
}
