import type { Duration } from "../core/duration.ts";
import type { Uniqueness } from "../core/ties.ts";

/** What every call that makes a job takes. */
export interface CallOptions {
  /**
   * Calls with one key make one job: the first call's answer is that of all, for 24 hours. Give one that your own request determines
   * (`order-42-paid`) when your caller may repeat it. Default: a new one for each call, which makes only the client's own repeats one.
   * 1 to 255 printable ASCII characters.
   */
  readonly idempotencyKey?: string;
  /** Gives up; the request may have been accepted all the same. */
  readonly signal?: AbortSignal;
}

/** The options that one job sets differently from its task. Each default is the task's. */
export interface EnqueueOptions extends CallOptions {
  /** Not before this long from now, at most a year. At most one of `delay` and `runAt`. */
  readonly delay?: Duration;
  /** Not before this moment, at most a year ahead; at once when it has passed. */
  readonly runAt?: Date | string;
  /** How many attempts may fail before the job does. */
  readonly maxAttempts?: number;
  /** For one attempt: from 100 ms to 7 days. */
  readonly timeout?: Duration;
  /** Lower runs first, from -100 to 100. */
  readonly priority?: number;
  /** If a queued or running job of the task has this key, that job's id is returned and no job is made. 1 to 255 characters. */
  readonly key?: string;
  /** What `key` is unique among, as in the task's option. */
  readonly unique?: Uniqueness;
  /** 1 to 255 characters. */
  readonly lane?: string;
  /** How long it is kept once it has ended. */
  readonly retention?: Duration;
}

/** One webhook to deliver. */
export interface DeliverRequest {
  /** http or https, without credentials. */
  readonly targetUrl: string;
  /** Any JSON value, sent as `JSON.stringify` writes it. */
  readonly payload: unknown;
  /** Extra request headers: at most 50, and 8 KiB. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not before this moment, at most a year ahead; at once when it has passed. At most one of `runAt` and `delay`. */
  readonly runAt?: Date | string;
  /** Not before this long from now, at most a year. */
  readonly delay?: Duration;
  /** How many attempts may fail before the job does. Default 10, from 1 to 100. */
  readonly maxAttempts?: number;
  /** For one whole attempt. Default 15 s, from 100 ms to 5 min. */
  readonly timeout?: Duration;
  /** Sent as `webhook-id` on every attempt, for receivers to deduplicate on. Default: the job's id. */
  readonly eventId?: string;
  /** Signs this delivery instead of the server's secret: `whsec_…` or `whsk_…`. */
  readonly secret?: string;
}

/** Something that happened to a tenant, for each of its endpoints that wants to know. */
export interface SendRequest {
  /** The tenant's uid or id. */
  readonly tenant: string;
  /** `invoice.paid`: 1 to 256 letters, digits, `-`, `_` and `.`. */
  readonly type: string;
  /** Any JSON value, sent as `JSON.stringify` writes it; with a `contentType` that is not JSON, a string. */
  readonly payload: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Your own id for it, which makes it one event however often it is sent. */
  readonly eventId?: string;
  /** At most 10. Endpoints that have channels get it only if they share one. */
  readonly channels?: readonly string[];
  /** At most 10: what it is found by. */
  readonly tags?: readonly string[];
  /** Extra request headers of its deliveries. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not before this moment, at most a year ahead. At most one of `runAt` and `delay`. */
  readonly runAt?: Date | string;
  /** Not before this long from now, at most a year. */
  readonly delay?: Duration;
}

/** Where an event was accepted. */
export interface SentEvent {
  /** Ours; also the `webhook-id` of each delivery. */
  readonly eventId: string;
  /** How many endpoints get it. */
  readonly jobs: number;
  /** What is wrong with the payload by its type's schema, where that only warns. */
  readonly warnings: readonly string[];
  /** An earlier request with the same idempotency key or event id sent it; this one sent nothing. */
  readonly replayed: boolean;
}

/** Where a job was accepted. */
export interface Accepted<Result = unknown> {
  readonly jobId: string;
  /** An earlier request with the same idempotency key made it; this one made nothing. */
  readonly replayed: boolean;
  /** A queued or running job of the task has the same `key`: this is that job, and none was made. */
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
