import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError, NotFoundError } from "../../core/errors.ts";
import { refuseUnknown, wholeNumberOf } from "../../core/options.ts";
import type { Audit } from "../../engine/audit/audit.ts";
import type { Accepted, Idempotency, Intake } from "../../engine/intake/intake.ts";
import type { Breakers } from "../breaker/breakers.ts";
import type { Endpoints } from "../endpoints/endpoints.ts";
import { endpointJob } from "../events/endpoint-job.ts";
import type { Events } from "../events/events.ts";
import type { Registry } from "../registry/registry.ts";
import { MOST_ATTEMPTS } from "../schedule.ts";

/** Who asks for it, and why, for the audit. */
export interface RedeliverEventOptions extends By {
  /** How many attempts may fail before the delivery does. Default: the endpoint's own number. */
  readonly attempts?: number | undefined;
  /** Repeated calls with the same key create one delivery. */
  readonly idempotency?: Idempotency | undefined;
}

export interface RedeliverEventParts {
  readonly events: Pick<Events, "get">;
  readonly endpoints: Pick<Endpoints, "get">;
  readonly registry: Registry;
  readonly intake: Pick<Intake, "submit">;
  readonly breakers: Pick<Breakers, "heldUpBy">;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** Delivers events once more, by hand: each time with a job of its own. */
export class RedeliverEvents {
  readonly #parts: RedeliverEventParts;

  constructor(parts: RedeliverEventParts) {
    this.#parts = parts;
  }

  /** See `Webhooks.redeliver`. */
  async redeliver(
    tenant: string,
    event: string,
    endpoint: string,
    options: RedeliverEventOptions = {},
  ): Promise<Pick<Accepted, "jobId" | "replayed">> {
    refuseUnknown(options, ["attempts", "idempotency", "actor", "reason"]);
    const { attempts, idempotency, ...by } = options;
    const { events, endpoints, registry, intake, breakers, clock, audit } = this.#parts;
    const { id: eventId, payload, tags } = await events.get(event, tenant);
    const { id, tenantId } = await endpoints.get(tenant, endpoint);
    if (payload === null)
      throw new ConflictError(
        "event_erased",
        `the payload of ${eventId} was erased: there is nothing to deliver`,
      );
    const known = (await registry.load([{ tenant: tenantId, id }])).get(id);
    if (!known) throw new NotFoundError("endpoint", endpoint);
    const now = clock.now();
    const job = endpointJob(
      { id: eventId, tenant: tenantId, runAt: null, tags: tags && JSON.stringify(tags) },
      known,
      now,
      breakers.heldUpBy(id),
    );
    const manual = {
      ...job,
      origin: { ...job.origin, trigger: "manual" },
      ...(attempts !== undefined && { maxAttempts: wholeNumberOf(attempts, 1, MOST_ATTEMPTS, ["attempts"]) }),
    };
    const change = { endpoint: [null, id], job: [null, job.id] } as const;
    const act = audit.act(by, { action: "event.redeliver", target: eventId, tenant: tenantId, change });
    const { jobIds, replayed } = await intake.submit({ jobs: [manual], rows: [act.row], idempotency });
    if (!replayed) act.done();
    return { jobId: jobIds[0] ?? job.id, replayed };
  }
}
