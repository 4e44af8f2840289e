import { setImmediate as nextTurn } from "node:timers/promises";
import type { BulkPage, FoundPage, Pinned } from "./bulk-source.ts";

/** How many are looked at ahead at most; beyond them it is only known that there are more. */
const MOST = 10_000;
/** How long the look ahead takes at most, when the filter matches almost nothing. */
const MOST_MS = 2_000;

/** What a run will find after a place, page by page, as far as is worth looking ahead. */
export async function* pagesAhead(
  pinned: Pinned,
  page: BulkPage,
  next: (pinned: Pinned, page: BulkPage) => Promise<FoundPage>,
): AsyncGenerator<FoundPage> {
  const until = performance.now() + MOST_MS;
  let [n, after] = [0, page.after];
  do {
    const found: FoundPage = await next(pinned, { ...page, after });
    yield found;
    n += found.found.length;
    after = found.last;
    await nextTurn();
  } while (after !== null && n < MOST && performance.now() < until);
}
