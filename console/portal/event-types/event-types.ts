import { type Loaded, useLoaded } from "../../kit/loaded.ts";
import type { EventType, Page } from "../answers.ts";
import { api } from "../session.ts";

/** Of a larger catalogue the rest is left out, and the page says so. */
const MOST_PAGES = 8;

/** The catalogue of types, as far as the session sees it: a short page is not necessarily the last. */
export function useEventTypes(): Loaded<{ readonly data: readonly EventType[]; readonly isCut: boolean }> {
  return useLoaded("types", async () => {
    const data: EventType[] = [];
    let cursor: string | null = "";
    for (let page = 0; page < MOST_PAGES && cursor !== null; page++) {
      const after: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const found: Page<EventType> = await api.get(`/event-types?limit=250${after}`);
      data.push(...found.data);
      cursor = found.next_cursor;
    }
    return { data, isCut: cursor !== null };
  });
}
