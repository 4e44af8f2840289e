import type { Clock } from "../core/clock.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { LaneLimits, RunContext, Task } from "../engine/task.ts";
import type { LeasedJob } from "../store/queue.ts";
import { DELIVER_TASK, type DeliveryOptions, parseDeliveryOptions } from "./accept/delivery-options.ts";
import type { Destinations } from "./destination.ts";
import { withoutHeaderValues } from "./echoed-headers.ts";
import type { EndpointDeliveries } from "./endpoints/endpoint-deliveries.ts";
import { DEFAULT_TIMEOUT_MS, DELIVERY_RETRY } from "./schedule.ts";
import type { DeliverySecrets } from "./signing/delivery-secrets.ts";
import { signatureHeaders } from "./signing/sign.ts";

export interface DeliverTaskParts {
  readonly destinations: Destinations;
  readonly secrets: DeliverySecrets;
  readonly endpoints: EndpointDeliveries;
  readonly clock: Clock;
}

/** `webhook.deliver`: one attempt signs the payload, sends it, and judges what came of it. */
export class DeliverTask implements Task {
  readonly name = DELIVER_TASK;
  readonly doing = "deliver";
  readonly #destinations: Destinations;
  readonly #secrets: DeliverySecrets;
  readonly #endpoints: EndpointDeliveries;
  readonly #clock: Clock;
  /** Of the job whose time limit was asked for: the engine runs it next, and they need not be parsed twice. */
  #next: { readonly job: LeasedJob; readonly options: DeliveryOptions } | undefined;

  constructor({ destinations, secrets, endpoints, clock }: DeliverTaskParts) {
    this.#destinations = destinations;
    this.#secrets = secrets;
    this.#endpoints = endpoints;
    this.#clock = clock;
  }

  retryPolicy(job: LeasedJob): RetryPolicy {
    return isForEndpoint(job) ? this.#endpoints.retryPolicy(job) : DELIVERY_RETRY;
  }

  timeoutMs(job: LeasedJob): number {
    if (isForEndpoint(job)) return this.#endpoints.timeoutMs(job);
    const options = parseDeliveryOptions(job.options);
    this.#next = { job, options };
    return options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  limitsOf(job: LeasedJob): LaneLimits | undefined {
    return isForEndpoint(job) ? this.#endpoints.limitsOf(job) : undefined;
  }

  tenantLimitsOf(job: LeasedJob): LaneLimits | undefined {
    return isForEndpoint(job) ? this.#endpoints.tenantLimitsOf(job) : undefined;
  }

  isPrepared(job: LeasedJob): boolean {
    return !isForEndpoint(job) || this.#endpoints.isPrepared(job);
  }

  prepare(jobs: readonly LeasedJob[]): Promise<void> {
    return this.#endpoints.prepare(jobs);
  }

  async run(job: LeasedJob, attempt: RunContext): Promise<Outcome> {
    if (isForEndpoint(job)) return this.#endpoints.run(job, attempt);
    const { kind, targetUrl = "", headers, eventId, secret } = this.#optionsOf(job);
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
      attempt,
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

/** What delivers an event goes to an endpoint; all else has its target in its options. */
function isForEndpoint({ origin }: LeasedJob): boolean {
  return origin?.event !== undefined;
}
