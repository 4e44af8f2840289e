import type { Duration } from "../../core/duration.ts";
import type { TraceParent } from "../../core/trace-parent.ts";
import type { Idempotency } from "../../engine/intake/intake.ts";

/** Something that happened to a tenant, for each of its endpoints that wants to know. */
export interface SendRequest {
  /** The tenant's uid or our id. One that is unknown is made, unless the server was told to refuse. */
  readonly tenant: string;
  /** `invoice.paid`: 1 to 256 letters, digits, `-`, `_` and `.`. It need not be registered. */
  readonly type: string;
  /**
   * Any JSON value, sent as `JSON.stringify` writes it; a `JsonText`, sent byte for byte; or, with a `contentType` that is not JSON,
   * bytes or a string. At most 1 MiB.
   */
  readonly payload: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /**
   * The caller's own id, by which an event is looked up, and sent only once: 1 to 256 letters, digits, `-`, `_` and `.`, not beginning
   * with `msg_`. Remembered for as long as the event is kept.
   */
  readonly eventId?: string;
  /** Endpoints that have channels get it only if they share one. At most 10. */
  readonly channels?: readonly string[];
  /** What events are found by. At most 10. */
  readonly tags?: readonly string[];
  /** Extra request headers of its deliveries, kept encrypted. An endpoint's own headers of the same names come first. */
  readonly headers?: Readonly<Record<string, string>> | Headers | ReadonlyMap<string, string>;
  /** Not before this moment: RFC 3339, at most a year ahead. At most one of `runAt` and `delay`. */
  readonly runAt?: string | Date;
  /** Not before this long from now, at most a year. */
  readonly delay?: Duration;
}

export interface SendOptions {
  /** Makes repeated requests with one key one event. */
  readonly idempotency?: Idempotency;
  /**
   * The place of its deliveries in a distributed trace. Default: the span that is active, where the program traces (OpenTelemetry). Where an
   * event has more than 100 deliveries, those of the first 100.
   */
  readonly trace?: TraceParent;
  /** A transaction of the caller's own: the event is accepted once that is committed. See `DeliverRequest.tx`. */
  readonly tx?: unknown;
  /** Answers an event for a tenant that nobody has made with NotFoundError, whatever the server does otherwise. */
  readonly unknownTenants?: "reject";
  /** Answers an event id that was used before with ConflictError, even for the same event. */
  readonly repeatedEventIds?: "reject";
  /** Only to such a tenant: any other is not found, and one that is made has the mode. */
  readonly reach?: { readonly tenant?: string | undefined; readonly mode?: "live" | "test" | undefined };
}

/** The event is durable, and so is every delivery of it. */
export interface SentEvent {
  /** Also the `webhook-id` of each delivery. */
  readonly eventId: string;
  /** The id of the tenant. */
  readonly tenantId: string;
  /** How many endpoints get it. */
  readonly jobs: number;
  /** An earlier request, with the same event id or idempotency key, sent it; this one sent nothing. */
  readonly replayed: boolean;
  /** What is wrong with the payload by its type's schema, where that only warns. */
  readonly warnings: readonly string[];
}
