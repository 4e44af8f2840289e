import type { Duration } from "../../core/duration.ts";
import type { Reach } from "../../core/reach.ts";
import type { TraceParent } from "../../core/traces/trace-parent.ts";
import type { Idempotency } from "../../engine/intake/intake.ts";

/** An event: something that happened to a tenant, to be sent to each of its endpoints that wants it. */
export interface SendRequest {
  /** The tenant's uid or id. An unknown tenant is created, unless `unknownTenants` is `reject`. */
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
   * Your own id for the event, under which it is sent only once and can be looked up: 1 to 256 letters, digits, `-`, `_` and `.`, not
   * starting with `msg_`. Remembered for as long as the event is kept.
   */
  readonly eventId?: string;
  /** Endpoints that have channels get it only if they share one. At most 10. */
  readonly channels?: readonly string[];
  /** Tags to find events by. At most 10. */
  readonly tags?: readonly string[];
  /** Extra request headers of its deliveries, stored encrypted. An endpoint's own headers take precedence. */
  readonly headers?: Readonly<Record<string, string>> | Headers | ReadonlyMap<string, string>;
  /** Not before this moment: RFC 3339, at most a year ahead. At most one of `runAt` and `delay`. */
  readonly runAt?: string | Date;
  /** Not before this long from now, at most a year. */
  readonly delay?: Duration;
}

export interface SendOptions {
  /** Repeated calls with the same key send one event. */
  readonly idempotency?: Idempotency;
  /**
   * The trace that its deliveries belong to. Default: the active span, if the program uses OpenTelemetry. If an event has more than 100
   * deliveries, only the first 100 belong to it.
   */
  readonly trace?: TraceParent;
  /** A transaction of your own: the event is accepted once you commit it. See `DeliverRequest.tx`. */
  readonly tx?: unknown;
  /** Throws NotFoundError for an unknown tenant, whatever the option of `openPosthorn` says. */
  readonly unknownTenants?: "reject";
  /** Throws ConflictError for an event id that was used before, even for the same event. */
  readonly repeatedEventIds?: "reject";
  /** Erases its payload this long from now, at most a year, as `events.erase` does. Default: it is kept as long as the event. */
  readonly eraseAfter?: Duration;
  /** Restricts the call to this tenant or mode: other tenants are not found, and a tenant that is created gets the mode. */
  readonly reach?: Reach;
}

/** An event that was accepted: it and all its deliveries are on disk. */
export interface SentEvent {
  /** Also the `webhook-id` of each delivery. */
  readonly eventId: string;
  /** The id of the tenant. */
  readonly tenantId: string;
  /** How many endpoints it is delivered to. */
  readonly jobs: number;
  /** True if an earlier call with the same event id or idempotency key sent it; this call sent nothing. */
  readonly replayed: boolean;
  /** What is wrong with the payload according to the type's schema, if `enforce` is `warn`. */
  readonly warnings: readonly string[];
}
