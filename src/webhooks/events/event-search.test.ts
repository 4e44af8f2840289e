import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventPage, EventShelf, ListedEvent } from "../../store/shelves/events.ts";
import { EventSearch } from "./event-search.ts";

/** Events with the payloads #0#, #1#, …, the newest first; and how many rows and payloads were asked for. */
function searchable(count: number) {
  const newestFirst = Array.from(
    { length: count },
    (_, at) => `msg_${String(at).padStart(6, "0")}`,
  ).reverse();
  const asked = { rows: 0, payloads: 0, mostAtOnce: 0 };
  const list = async (_: string | null, { limit, after }: EventPage) => {
    const from = after === undefined ? 0 : newestFirst.indexOf(after) + 1;
    const events = newestFirst.slice(from, from + limit).map((id) => ({ id }) as ListedEvent); // no more of it is read
    asked.rows += events.length;
    return { events, hasMore: from + limit < count, searchedTo: null };
  };
  const getSmall = async (ids: readonly string[]) => {
    asked.payloads += ids.length;
    asked.mostAtOnce = Math.max(asked.mostAtOnce, ids.length);
    return ids.map((id) => ({ id, payload: new TextEncoder().encode(`#${Number(id.slice(4))}#`) }));
  };
  const shelf = { list, getSmall } as unknown as Pick<EventShelf, "list" | "getSmall">; // all that it asks
  return { search: new EventSearch(shelf), asked };
}

test("events are found by their payloads, page by page, until all were looked at", async () => {
  const { search } = searchable(12_000);
  const found: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await search.page(null, { limit: 5, after }, (_, payload) => payload.includes("999#"));
    found.push(...page.events.map(({ id }) => id));
    after = page.hasMore ? page.events.at(-1)?.id : page.searchedTo?.id;
    if (after === undefined) break;
  }
  assert.deepEqual(found, found.toSorted().toReversed());
  assert.equal(found.length, 12);
});

test("no page looks at more than some thousand events, a few payloads at a time, and says how far it came", async () => {
  const { search, asked } = searchable(12_000);
  const { events, hasMore, searchedTo } = await search.page(null, { limit: 50 }, () => false);
  assert.deepEqual([events.length, hasMore], [0, false]);
  assert.ok(searchedTo !== null);
  assert.ok(asked.rows <= 5_000, `${asked.rows} events`);
  assert.equal(asked.payloads, asked.rows);
  assert.ok(asked.mostAtOnce <= 25);
});
