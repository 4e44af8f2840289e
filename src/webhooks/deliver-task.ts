import type { Clock } from "../core/clock.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { RunContext, Task } from "../engine/task.ts";
import type { LeasedJob } from "../store/queue.ts";
import { DELIVER_TASK, type DeliveryOptions, parseDeliveryOptions } from "./accept/delivery-options.ts";
import type { Destinations } from "./destination.ts";
import { withoutHeaderValues } from "./echoed-headers.ts";
import type { DeliverySecrets } from "./signing/delivery-secrets.ts";
import { signatureHeaders } from "./signing/sign.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The schedule of Standard Webhooks 1.0: with the first attempt at once, ten of them in about three days. */
export const DELIVERY_RETRY: RetryPolicy = {
  delaysMs: [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
  ],
  jitter: 0.2,
};

/** Standard Webhooks 1.0 recommends 15 to 30 s; the shorter frees a slot sooner from a receiver that hangs. */
const DEFAULT_TIMEOUT_MS = 15 * SECOND;

export interface DeliverTaskParts {
  readonly destinations: Destinations;
  readonly secrets: DeliverySecrets;
  readonly clock: Clock;
}

/** `webhook.deliver`: one attempt signs the payload, sends it, and judges what came of it. */
export class DeliverTask implements Task {
  readonly name = DELIVER_TASK;
  retryPolicy(): RetryPolicy {
    return DELIVERY_RETRY;
  }
  readonly #destinations: Destinations;
  readonly #secrets: DeliverySecrets;
  readonly #clock: Clock;
  /** Of the job whose time limit was asked for: the engine runs it next, and they need not be parsed twice. */
  #next: { readonly job: LeasedJob; readonly options: DeliveryOptions } | undefined;

  constructor({ destinations, secrets, clock }: DeliverTaskParts) {
    this.#destinations = destinations;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  timeoutMs(job: LeasedJob): number {
    const options = parseDeliveryOptions(job.options);
    this.#next = { job, options };
    return options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  async run(job: LeasedJob, { signal }: RunContext): Promise<Outcome> {
    const { kind, targetUrl, headers, eventId, secret } = this.#optionsOf(job);
    const destination = this.#destinations.ofKind(kind);
    const keys = this.#secrets.keysOf(job.id, secret);
    const own = this.#secrets.headersOf(job.id, headers);
    const result = await destination.send({
      targetUrl,
      headers: {
        ...destination.headers,
        ...own,
        ...signatureHeaders(keys, eventId ?? job.id, this.#clock.now(), job.payload),
      },
      payload: job.payload,
      signal,
    });
    const outcome = destination.judge(result, targetUrl, this.#clock.now());
    if (own === undefined || !outcome.excerpt) return outcome;
    return { ...outcome, excerpt: withoutHeaderValues(outcome.excerpt, own) };
  }

  #optionsOf(job: LeasedJob): DeliveryOptions {
    const next = this.#next;
    this.#next = undefined;
    return next?.job === job ? next.options : parseDeliveryOptions(job.options);
  }
}
