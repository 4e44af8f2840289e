import type { Duration } from "../../core/duration.ts";
import { knownAnywhere } from "../../core/known-anywhere.ts";
import type { TraceParent } from "../../core/traces/trace-parent.ts";

/** One webhook to deliver. */
export interface DeliverRequest {
  /** http or https, without credentials; checked against the target policy now and again at every connect. */
  readonly targetUrl: string;
  /** Any JSON value, sent as `JSON.stringify` writes it; or a `JsonText`, sent byte for byte. */
  readonly payload: unknown;
  /**
   * Extra request headers: at most 50, and 8 KiB in all. `content-type` may be set (default `application/json`); other headers that
   * Posthorn or HTTP itself sets are refused.
   */
  readonly headers?: Readonly<Record<string, string>> | Headers | ReadonlyMap<string, string>;
  /** Not before this time: a Date or RFC 3339, at most a year ahead; at once if it has passed. Give `runAt` or `delay`, not both. */
  readonly runAt?: string | Date;
  /** Not before this long from now, at most a year. */
  readonly delay?: Duration;
  /** How many attempts may fail before the job does. Default 10, from 1 to 100. */
  readonly maxAttempts?: number;
  /** How long one whole attempt may take (wall-clock time). Default 15 s, from 100 ms to 5 min. */
  readonly timeout?: Duration;
  /**
   * Sent as `webhook-id`, the same on every attempt, so that receivers can deduplicate. Default: the job's id. 1 to 256 visible ASCII
   * characters except `.`, which separates the signed parts (Standard Webhooks 1.0).
   */
  readonly eventId?: string;
  /** Signs this delivery instead of the server's secret: `whsec_…` (HMAC-SHA256) or `whsk_…` (ed25519). Stored encrypted, never shown. */
  readonly secret?: string;
  /** To find it by, such as `order:42`: at most 10 of at most 128 letters, digits, `-`, `_`, `.`, `/`, `\\`, `#`, `:` and `+`. */
  readonly tags?: readonly string[];
  /** The id of a job that this one is a copy of, such as one that was sent again by hand; shown with it. It may be gone. */
  readonly copyOf?: string;
  /** Its place in a distributed trace. Default: the span that is active, where the program traces (OpenTelemetry). */
  readonly trace?: TraceParent;
  /**
   * A transaction of your own: the delivery is accepted once you commit it. A `DatabaseSync` of node:sqlite, a client of pg, or a
   * transaction of Drizzle, Kysely, Prisma or postgres.js.
   */
  readonly tx?: unknown;
}

/**
 * JSON that must reach the receiver exactly as written.
 * @example
 * await posthorn.webhooks.deliver({ targetUrl, payload: new JsonText('{"id": 12345678901234567890}') });
 */
export class JsonText {
  static {
    knownAnywhere(JsonText, "JsonText");
  }

  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
