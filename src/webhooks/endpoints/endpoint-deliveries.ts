import type { Abortable } from "../../core/abortable.ts";
import type { AttemptDetail, Failed, Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { LaneLimits, RunContext } from "../../engine/task.ts";
import { TimedOut } from "../../engine/working/attempt.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { EndpointKey } from "../../store/shelves/endpoints.ts";
import type { Breakers } from "../breaker/breakers.ts";
import { type KnownEndpoint, keyOfLane } from "../registry/known-endpoint.ts";
import type { Registry } from "../registry/registry.ts";
import { DEFAULT_TIMEOUT_MS, DELIVERY_RETRY } from "../schedule.ts";
import type { EndpointExchange } from "./endpoint-exchange.ts";

export interface EndpointDeliveryParts {
  readonly registry: Registry;
  readonly exchange: Pick<EndpointExchange, "send">;
  readonly breakers: Pick<Breakers, "isQuiet" | "admit" | "succeeded" | "failed">;
  /** The endpoint answered 410: nothing is sent to it until somebody enables it. */
  readonly disable: (endpoint: EndpointKey, reason: string) => Promise<void>;
}

/** The outcome for deliveries to an endpoint that is gone. */
const GONE: Outcome = { kind: "needless", reason: "its endpoint was deleted" };

/**
 * Delivers events to endpoints. The URL, secrets, headers, timeout and retries of an endpoint are those that it has when it is sent
 * to, known to this process for at most half a second.
 */
export class EndpointDeliveries {
  readonly #parts: EndpointDeliveryParts;
  /** Found last: the engine asks several things of a job, one right after the other. */
  #last: { readonly lane: string; readonly changes: number; readonly known: KnownEndpoint } | undefined;

  constructor(parts: EndpointDeliveryParts) {
    this.#parts = parts;
  }

  /** Whether its endpoint is known to this process, as it is now. */
  isPrepared(job: LeasedJob): boolean {
    return this.#known(job) !== undefined && this.#parts.registry.isFresh;
  }

  /** Makes the endpoints of these jobs known, as they are now. */
  async prepare(jobs: readonly LeasedJob[]): Promise<void> {
    await this.#parts.registry.load(jobs.map(({ lane }) => keyOfLane(lane)));
  }

  limitsOf(job: LeasedJob): LaneLimits | undefined {
    return this.#lately(job)?.limits;
  }

  tenantLimitsOf(job: LeasedJob): LaneLimits | undefined {
    return this.#lately(job)?.tenantLimits;
  }

  timeoutMs(job: LeasedJob): number {
    return this.#lately(job)?.row.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  retryPolicy(job: LeasedJob): RetryPolicy {
    const delaysMs = this.#lately(job)?.retry.delaysMs;
    return delaysMs ? { delaysMs, jitter: DELIVERY_RETRY.jitter } : DELIVERY_RETRY;
  }

  async run(job: LeasedJob, attempt: RunContext): Promise<Outcome> {
    const { exchange, breakers } = this.#parts;
    const { event } = attempt;
    const endpoint = await this.#find(job);
    if (!endpoint || endpoint.isDeleted || !event) return GONE;
    const { id } = endpoint.row;
    if (endpoint.heldUpBy) return { kind: "held up", reason: endpoint.heldUpBy };
    if (!breakers.isQuiet(id)) {
      const reason = await breakers.admit(endpoint.row, this.timeoutMs(job));
      if (reason) return { kind: "held up", reason };
    }
    const outcome = await exchange.send(endpoint, event, attempt);
    if (outcome.kind === "succeeded") breakers.succeeded(endpoint.row);
    return outcome.kind === "failed" ? await this.#failed(endpoint, outcome, attempt) : outcome;
  }

  /** The outcome of a failure, given the endpoint's breaker and status. */
  async #failed(
    endpoint: KnownEndpoint,
    outcome: Failed & AttemptDetail,
    attempt: Abortable,
  ): Promise<Failed & AttemptDetail> {
    const { breakers, registry, disable } = this.#parts;
    const { tenant, id } = endpoint.row;
    if (outcome.class === "410") await disable(endpoint.row, outcome.error);
    else if (isFaultOf(outcome, attempt)) breakers.failed(endpoint.row, outcome.error);
    if (!outcome.retry) return outcome;
    // the endpoint may be gone since this attempt started, and then there is nothing to retry
    await registry.refresh().catch(() => {});
    const known = await registry.load([{ tenant, id }]).catch(() => undefined);
    const isDeleted = known?.get(id)?.isDeleted ?? false;
    return isDeleted
      ? { ...outcome, retry: false, error: `${outcome.error}; its endpoint was deleted meanwhile` }
      : outcome;
  }

  async #find(job: LeasedJob): Promise<KnownEndpoint | undefined> {
    const { registry } = this.#parts;
    if (!registry.isFresh) await registry.refresh();
    const known = this.#known(job);
    if (known) return known;
    const key = keyOfLane(job.lane);
    return (await registry.load([key])).get(key.id);
  }

  /** As it is now, or was when it was last read: its tenant may have changed since, and the database may be away. */
  #lately(job: LeasedJob): KnownEndpoint | undefined {
    const known = this.#known(job);
    if (known) return known;
    const { tenant, id } = keyOfLane(job.lane);
    return this.#parts.registry.lastKnown(tenant, id);
  }

  #known({ lane }: LeasedJob): KnownEndpoint | undefined {
    const { registry } = this.#parts;
    const { changes } = registry;
    if (this.#last?.lane === lane && this.#last.changes === changes) return this.#last.known;
    const { tenant, id } = keyOfLane(lane);
    const known = registry.endpoint(tenant, id);
    if (known) this.#last = { lane, changes, known };
    return known;
  }
}

/** Whether a failure counts against the endpoint: not if it asked for a pause, or if something failed on this side. */
function isFaultOf({ class: failed, retryAfterMs = 0 }: Failed & AttemptDetail, attempt: Abortable): boolean {
  let isStopped = false;
  attempt.onAbort((reason) => {
    isStopped = !(reason instanceof TimedOut);
  })();
  if (isStopped) return false;
  if (failed === "429" && retryAfterMs > 0) return false;
  return failed !== undefined && failed !== "error";
}
