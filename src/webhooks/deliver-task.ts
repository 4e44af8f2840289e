import type { Clock } from "../core/clock.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { RunContext, Task } from "../engine/task.ts";
import type { LeasedJob } from "../store/queue.ts";
import { DELIVER_TASK, parseDeliveryOptions } from "./accept/delivery-options.ts";
import { classify } from "./http/classify.ts";
import type { Sender } from "./http/sender.ts";
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
  readonly sender: Pick<Sender, "send">;
  readonly secrets: DeliverySecrets;
  readonly clock: Clock;
  /** Posthorn's, for the `user-agent`. */
  readonly version: string;
}

/** `webhook.deliver`: one attempt signs the payload, posts it, and judges the answer. */
export class DeliverTask implements Task {
  readonly name = DELIVER_TASK;
  retryPolicy(): RetryPolicy {
    return DELIVERY_RETRY;
  }
  readonly #sender: Pick<Sender, "send">;
  readonly #secrets: DeliverySecrets;
  readonly #clock: Clock;
  readonly #userAgent: string;

  constructor({ sender, secrets, clock, version }: DeliverTaskParts) {
    this.#sender = sender;
    this.#secrets = secrets;
    this.#clock = clock;
    this.#userAgent = `Posthorn/${version}`;
  }

  timeoutMs(job: LeasedJob): number {
    return parseDeliveryOptions(job.options).timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  async run(job: LeasedJob, { signal }: RunContext): Promise<Outcome> {
    const { targetUrl, headers, eventId, secret } = parseDeliveryOptions(job.options);
    const keys = this.#secrets.keysOf(job.id, secret);
    const result = await this.#sender.send({
      url: targetUrl,
      headers: {
        "content-type": "application/json",
        "user-agent": this.#userAgent,
        ...this.#secrets.headersOf(job.id, headers),
        ...signatureHeaders(keys, eventId ?? job.id, this.#clock.now(), job.payload),
      },
      body: job.payload,
      signal,
    });
    return classify(result, targetUrl, this.#clock.now());
  }
}
