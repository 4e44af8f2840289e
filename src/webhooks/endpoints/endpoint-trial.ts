import type { Abortable } from "../../core/abortable.ts";
import type { Clock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import { eventTypeOf } from "../../core/names.ts";
import { refuseUnknown } from "../../core/options.ts";
import type { AttemptClass, AttemptDetail, Outcome } from "../../core/outcome.ts";
import type { EventContent } from "../../engine/task.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import { jsonOf } from "../accept/given-json.ts";
import { KnownEndpoint } from "../registry/known-endpoint.ts";
import { DEFAULT_TIMEOUT_MS } from "../schedule.ts";
import { TimeLimit } from "../time-limit.ts";
import type { EndpointExchange } from "./endpoint-exchange.ts";

export interface TrialOptions {
  /** Default: the first type that the endpoint names in full, or else `webhook.test`. */
  readonly type?: string;
  /** Any JSON value. Default: an object that says that it is a test. */
  readonly payload?: unknown;
}

/** The outcome of sending an example event. */
export interface Trial {
  /** Whether the receiver accepted it. */
  readonly succeeded: boolean;
  /** The `webhook-id` that it was sent with. */
  readonly eventId: string;
  readonly type: string;
  /** The code of the receiver's answer: over HTTP, the status. Null if it did not answer. */
  readonly code: number | null;
  readonly class: AttemptClass | null;
  /** The start of the receiver's answer. */
  readonly excerpt: string | null;
  readonly error: string | null;
  /** In milliseconds. */
  readonly duration: number;
}

export interface TrialParts {
  readonly exchange: Pick<EndpointExchange, "send">;
  readonly clock: Clock;
}

/** Of an example for an endpoint that names no type. */
export const TEST_TYPE = "webhook.test";

/** Sends single messages to endpoints, signed like deliveries, that are not jobs and do not count as successes or failures. */
export class EndpointTrials {
  readonly #parts: TrialParts;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  /** @throws InvalidInputError */
  prepared(endpoint: Endpoint, options: TrialOptions): EventContent {
    refuseUnknown(options, ["type", "payload"]);
    const type = options.type === undefined ? typeFor(endpoint) : eventTypeOf(options.type);
    const { payload = { type, test: true, message: "This is a test of this endpoint." } } = options;
    return this.#eventOf(endpoint, type, jsonOf(payload, ["payload"]));
  }

  async try(endpoint: Endpoint, event: EventContent): Promise<Trial> {
    const begun = performance.now();
    const outcome = await this.send(endpoint, event);
    const { code = null, class: kind = null, excerpt = null } = outcome;
    return {
      succeeded: outcome.kind === "succeeded",
      eventId: event.id,
      type: event.type,
      ...{ code, class: kind, excerpt },
      error: outcome.kind === "failed" ? outcome.error : null,
      duration: Math.round(performance.now() - begun),
    };
  }

  /** Sends a JSON text of this type, now. */
  ask(endpoint: Endpoint, type: string, text: string): Promise<Outcome & AttemptDetail> {
    return this.send(endpoint, this.#eventOf(endpoint, type, text));
  }

  async send(row: Endpoint, event: EventContent): Promise<Outcome & AttemptDetail> {
    const endpoint = new KnownEndpoint(row, null);
    return this.within(row, (attempt) => this.#parts.exchange.send(endpoint, event, attempt));
  }

  /** Applies the time limit of a delivery. */
  async within<Of>({ timeoutMs }: Endpoint, run: (attempt: Abortable) => Promise<Of>): Promise<Of> {
    const limit = new TimeLimit(this.#parts.clock, timeoutMs ?? DEFAULT_TIMEOUT_MS);
    try {
      return await run(limit);
    } finally {
      limit.end();
    }
  }

  #eventOf({ tenant }: Endpoint, type: string, text: string): EventContent {
    const now = this.#parts.clock.now();
    return {
      ...{ id: newId("msg", now), tenant, type, channels: null, tags: null, headers: null, eventId: null },
      ...{ contentType: "application/json", payload: Buffer.from(text), jobs: 0, unsent: null, runAt: null },
      createdAt: now,
    };
  }
}

function typeFor({ eventTypes }: Endpoint): string {
  const patterns = eventTypes === null ? [] : (JSON.parse(eventTypes) as string[]); // only checked ones are kept
  return patterns.find((pattern) => !pattern.includes("*")) ?? TEST_TYPE;
}
