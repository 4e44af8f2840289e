import type { Duration } from "../core/duration.ts";
import type { Uniqueness } from "../core/ties.ts";

/** Options of every call that creates a job. */
export interface CallOptions {
  /**
   * Calls with the same key create one job: for 24 hours, all of them get the first call's answer. If your own caller may repeat a request,
   * derive the key from that request (`order-42-paid`). Default: a new key for each call, which covers only the client's own retries. 1 to
   * 255 printable ASCII characters.
   */
  readonly idempotencyKey?: string;
  /** Aborts the call; the request may have been accepted nevertheless. */
  readonly signal?: AbortSignal;
}

/** Options of one job. Each defaults to the task's own. */
export interface EnqueueOptions extends CallOptions {
  /** Not before this long from now, at most a year. Give `delay` or `runAt`, not both. */
  readonly delay?: Duration;
  /** Not before this time: a Date or RFC 3339, at most a year ahead; at once if it has passed. */
  readonly runAt?: Date | string;
  /** How many attempts may fail before the job does. */
  readonly maxAttempts?: number;
  /** For one attempt: from 100 ms to 7 days. */
  readonly timeout?: Duration;
  /** Lower runs first, from -100 to 100. */
  readonly priority?: number;
  /**
   * Deduplication key, 1 to 255 characters: if a queued or running job of the task has it, that job's id is returned and no job is created.
   */
  readonly key?: string;
  /** Which jobs `key` is unique among, as in the task's option. */
  readonly unique?: Uniqueness;
  /** 1 to 255 characters. */
  readonly lane?: string;
  /** How long the job is kept once it has ended. */
  readonly retention?: Duration;
  /** To find it by, such as `order:42`. At most 10. */
  readonly tags?: readonly string[];
  /** The id of a job that this one is a copy of, such as one that was sent again by hand; shown with it. It may be gone. */
  readonly copyOf?: string;
}

/** One webhook to deliver. */
export interface DeliverRequest {
  /** http or https, without credentials. */
  readonly targetUrl: string;
  /** Any JSON value, sent as `JSON.stringify` writes it. */
  readonly payload: unknown;
  /** Extra request headers: at most 50, and 8 KiB. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not before this time: a Date or RFC 3339, at most a year ahead; at once if it has passed. Give `runAt` or `delay`, not both. */
  readonly runAt?: Date | string;
  /** Not before this long from now, at most a year. */
  readonly delay?: Duration;
  /** How many attempts may fail before the job does. Default 10, from 1 to 100. */
  readonly maxAttempts?: number;
  /** How long one whole attempt may take. Default 15 s, from 100 ms to 5 min. */
  readonly timeout?: Duration;
  /** Sent as `webhook-id` on every attempt, so that receivers can deduplicate. Default: the job's id. */
  readonly eventId?: string;
  /** Signs this delivery instead of the server's secret: `whsec_…` or `whsk_…`. */
  readonly secret?: string;
  /** To find it by, such as `order:42`. At most 10. */
  readonly tags?: readonly string[];
  /** The id of a job that this one is a copy of, such as one that was sent again by hand; shown with it. It may be gone. */
  readonly copyOf?: string;
}

/** An event: something that happened to a tenant, to be sent to each of its endpoints that wants it. */
export interface SendRequest {
  /** The tenant's uid or id. */
  readonly tenant: string;
  /** `invoice.paid`: 1 to 256 letters, digits, `-`, `_` and `.`. */
  readonly type: string;
  /** Any JSON value, sent as `JSON.stringify` writes it; with a `contentType` that is not JSON, a string. */
  readonly payload: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Your own id for the event, under which it is sent only once. */
  readonly eventId?: string;
  /** Endpoints that have channels get it only if they share one. At most 10. */
  readonly channels?: readonly string[];
  /** Tags to find events by. At most 10. */
  readonly tags?: readonly string[];
  /** Extra request headers of its deliveries. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not before this time: a Date or RFC 3339, at most a year ahead. Give `runAt` or `delay`, not both. */
  readonly runAt?: Date | string;
  /** Not before this long from now, at most a year. */
  readonly delay?: Duration;
}

/** An event that was accepted. */
export interface SentEvent {
  /** Posthorn's id for it, and the `webhook-id` of each delivery. */
  readonly eventId: string;
  /** How many endpoints it is delivered to. */
  readonly jobs: number;
  /** What is wrong with the payload according to the type's schema, if `enforce` is `warn`. */
  readonly warnings: readonly string[];
  /** True if an earlier call with the same idempotency key or event id sent it; this call sent nothing. */
  readonly replayed: boolean;
}

/** A job that was accepted. */
export interface Accepted<Result = unknown> {
  readonly jobId: string;
  /** True if an earlier call with the same idempotency key created it; this call created nothing. */
  readonly replayed: boolean;
  /** True if a queued or running job of the task has the same `key`: `jobId` is that job, and none was created. */
  readonly existing: boolean;
  /** For the compiler only, so that `job` and `wait` know the result's type; never present at run time. */
  readonly gives?: Result;
}

const DURATIONS = ["delay", "timeout", "retention"];

/** The fields of a request as the API names them. A duration is always a string there. */
export function wireFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      typeof value === "number" && DURATIONS.includes(name) ? `${value}ms` : value,
    ]),
  );
}
