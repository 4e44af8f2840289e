import type { Json } from "../../../core/json/exact-json.ts";
import type { EventToMatch } from "./event-to-match.ts";

/** What an endpoint asks of events. */
export interface EndpointToMatch {
  /** As `eventTypePatternsOf` gave them; null for every type. */
  readonly eventTypes: readonly string[] | null;
  /** Null for events with any channels, or none. */
  readonly channels: readonly string[] | null;
  /** Null for every payload. */
  readonly filter: PayloadFilter | null;
  readonly status: "active" | "paused" | "disabled";
}

/** A compiled filter. */
export interface PayloadFilter {
  matches(payload: Json): boolean;
}

/**
 * Whether an endpoint wants an event, or the first reason why not: `type` and `channel`, it asks for others; `filter`, its filter does
 * not match the payload, and `not_json`, that cannot even be read; `disabled`, it would have wanted it, but is switched off.
 */
export type Verdict = "wanted" | "type" | "channel" | "filter" | "not_json" | "disabled";

/** Compares one endpoint with events. It is made once and kept with the endpoint, because an event may meet thousands. */
export class EndpointMatcher {
  readonly #patterns: ReadonlySet<string> | null;
  readonly #channels: ReadonlySet<string> | null;
  readonly #filter: PayloadFilter | null;
  readonly #isDisabled: boolean;

  constructor({ eventTypes, channels, filter, status }: EndpointToMatch) {
    this.#patterns = eventTypes && new Set(eventTypes);
    this.#channels = channels && new Set(channels);
    this.#filter = filter;
    this.#isDisabled = status === "disabled";
  }

  /** An endpoint with channels never wants an event without; a paused one wants what it gets later. */
  verdictOn(event: EventToMatch): Verdict {
    if (this.#patterns?.isDisjointFrom(event.patterns)) return "type";
    if (this.#channels?.isDisjointFrom(event.channels)) return "channel";
    if (this.#filter !== null) {
      if (event.json === undefined) return "not_json";
      if (!this.#filter.matches(event.json)) return "filter";
    }
    return this.#isDisabled ? "disabled" : "wanted";
  }
}
