import { type Loaded, useLoaded } from "../kit/loaded.ts";
import type { EventType, Page } from "./answers.ts";
import { api } from "./session.ts";

/** The catalogue of types. */
export function useEventTypes(): Loaded<Page<EventType>> {
  return useLoaded("types", () => api.get<Page<EventType>>("/event-types?limit=250"));
}
