import type { By } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { InvalidInputError } from "../core/errors.ts";
import { newId } from "../core/id.ts";
import type { PayloadTags } from "../core/json/payload-tags.ts";
import { refuseUnknown } from "../core/options.ts";
import { originWith } from "../core/origin.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { BulkRequest } from "../engine/bulk/bulk-request.ts";
import type { BulkRuns, BulkStarted } from "../engine/bulk/bulk-runs.ts";
import { MOST_PACE } from "../engine/bulk/lane-paces.ts";
import type { Accepted, Idempotency, Intake } from "../engine/intake/intake.ts";
import type { NewJob } from "../store/queue.ts";
import type { DeliverRequest } from "./accept/deliver-request.ts";
import { DELIVER_TASK, stringifyDeliveryOptions } from "./accept/delivery-options.ts";
import { type Delivery, readDeliverRequest } from "./accept/read-deliver-request.ts";
import type { Attempts } from "./attempts/attempts.ts";
import type { Destination, Destinations } from "./destination.ts";
import type { Endpoints } from "./endpoints/endpoints.ts";
import type {
  EndpointImport,
  EndpointImportOptions,
  EndpointsImported,
} from "./endpoints/import/endpoint-import.ts";
import type { EndpointsDocument } from "./endpoints/import/read-document.ts";
import type { EventTypes } from "./event-types/event-types.ts";
import type { Events } from "./events/events.ts";
import type { SendEvents } from "./events/send-events.ts";
import type { SendOptions, SendRequest, SentEvent } from "./events/send-request.ts";
import type { PortalSessions } from "./portal/portal-sessions.ts";
import type { RedeliverEventOptions, RedeliverEvents } from "./redeliver/redeliver-event.ts";
import {
  OLD_REDELIVER_TASK,
  REDELIVER_TASK,
  type RedeliverRequest,
  readRedeliverRequest,
} from "./redeliver/redeliver-request.ts";
import type { DeliverySecrets } from "./signing/delivery-secrets.ts";
import type { Tenants } from "./tenants/tenants.ts";

export interface WebhooksParts {
  readonly intake: Pick<Intake, "accept">;
  readonly destinations: Destinations;
  readonly bulk: Pick<BulkRuns, "start" | "startAs">;
  readonly secrets: DeliverySecrets;
  readonly sending: Pick<SendEvents, "send">;
  readonly tenants: Tenants;
  readonly endpoints: Endpoints;
  readonly eventTypes: EventTypes;
  readonly events: Events;
  readonly attempts: Attempts;
  readonly imports: Pick<EndpointImport, "run">;
  readonly redelivering: Pick<RedeliverEvents, "redeliver">;
  readonly portal: PortalSessions;
  readonly clock: Clock;
  readonly payloadTags: PayloadTags;
}

const OF_REPLAY = [
  ...(["since", "until", "what", "pace", "startsIn", "note", "idempotency", "actor", "reason"] as const),
] satisfies (keyof ReplayOptions)[];

/** What to replay to an endpoint. */
export interface ReplayOptions extends By, Pick<BulkRequest, "what" | "pace" | "startsIn" | "note"> {
  /** Events since this time: a Date, RFC 3339, or how long ago, such as `48h`. */
  readonly since: Date | string;
  /** Events before this time. Default: now. */
  readonly until?: Date | string;
  /** Repeated calls with the same key start one run. */
  readonly idempotency?: Idempotency;
}

/**
 * Accepts webhooks to deliver. A promise resolves once the job is on disk; look the job up by its id.
 * @throws OverloadedError, StoreUnavailableError from every method: nothing was stored; try again.
 * @throws KeyReusedError, DuplicateKeyError when the idempotency key was used before.
 */
export class Webhooks {
  /** The customers whose endpoints get events. */
  readonly tenants: Tenants;
  /** The endpoints that tenants' events are delivered to. */
  readonly endpoints: Endpoints;
  /** The registered event types, with their schemas. */
  readonly eventTypes: EventTypes;
  /** The events that were sent. */
  readonly events: Events;
  /** The attempts to deliver them. */
  readonly attempts: Attempts;
  /** Sessions of the portal, in which customers manage their own endpoints. */
  readonly portal: PortalSessions;
  readonly #parts: WebhooksParts;

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.tenants = parts.tenants;
    this.endpoints = parts.endpoints;
    this.eventTypes = parts.eventTypes;
    this.events = parts.events;
    this.attempts = parts.attempts;
    this.portal = parts.portal;
  }

  /**
   * Accepts one delivery: signed, and retried until the receiver answers 2xx or the attempts are used up.
   * @param idempotency repeated calls with the same key create one delivery.
   * @throws InvalidInputError naming every field that is wrong, including a target that is not allowed.
   * @example
   * const { jobId } = await posthorn.webhooks.deliver({ targetUrl: "https://hooks.example.com/in", payload: { paid: true } });
   */
  async deliver(request: DeliverRequest, idempotency?: Idempotency): Promise<Accepted> {
    const { destinations, secrets, clock } = this.#parts;
    let delivery: Delivery;
    try {
      delivery = readDeliverRequest(request, clock.now(), (secret) => secrets.check(secret));
    } catch (error) {
      throw error instanceof InvalidInputError ? await this.#withTargetProblems(error, request) : error;
    }
    const destination = destinations.ofUrl(delivery.targetUrl);
    const admitted = destination.admit(delivery.targetUrl);
    const target = admitted instanceof Promise ? await admitted : admitted; // most answers are immediate: no turn of the event loop for them
    const job = this.#jobOf(delivery, destination, target);
    return await this.#parts.intake.accept(job, idempotency, request.tx); // not awaited, it would take two turns of the queue more
  }

  /**
   * Accepts an event and creates a delivery for each endpoint of its tenant that wants it, in one transaction. The event is stored once.
   * @throws InvalidInputError naming every field that is wrong.
   * @throws NotFoundError for an unknown tenant, if `unknownTenants` is `reject`; ConflictError for an event id that was used for another
   * event, or a tenant that was deleted within the last day.
   * @example
   * await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: { id: 42 }, eventId: "invoice-42-paid" });
   */
  send(request: SendRequest, options?: SendOptions): Promise<SentEvent> {
    return this.#parts.sending.send(request, options);
  }

  /**
   * Imports endpoints of another sender, with their tenants, uids and secrets, so that receivers notice nothing (docs/moving.md). What
   * already exists stays as it is, so the import can be repeated. The whole document is checked before anything is created.
   * @throws InvalidInputError naming everything that is wrong, by its location: `tenants.0.endpoints.2.secrets.0.secret`.
   * @throws ConflictError when an endpoint's id belongs to another tenant.
   * @example
   * const { endpoints } = await posthorn.webhooks.importEndpoints({
   *   tenants: [{ uid: "acme", endpoints: [{ uid: "main", url: "https://acme.example/hooks", secrets: [{ secret: "whsec_…" }] }] }],
   * }, { dryRun: true });
   */
  importEndpoints(
    document: EndpointsDocument,
    options?: EndpointImportOptions,
    by?: By,
  ): Promise<EndpointsImported> {
    return this.#parts.imports.run(document, options, by);
  }

  /**
   * Redelivers an event to an endpoint, whatever the outcome of earlier deliveries, and even if the endpoint does not ask for such events.
   * @throws InvalidInputError naming every option that is wrong; NotFoundError when there is no such tenant, event or endpoint.
   * @throws ConflictError `event_erased` when its payload is gone.
   * @example
   * const { jobId } = await posthorn.webhooks.redeliver("acme", "invoice-42-paid", "main");
   */
  redeliver(
    tenant: string,
    event: string,
    endpoint: string,
    options?: RedeliverEventOptions,
  ): Promise<Pick<Accepted, "jobId" | "replayed">> {
    return this.#parts.redelivering.redeliver(tenant, event, endpoint, options);
  }

  /**
   * Replays events to an endpoint, in a bulk run, which `posthorn.bulk` looks up, stops and takes back.
   * @throws InvalidInputError naming every field that is wrong; NotFoundError for the tenant or the endpoint; ConflictError while the
   * endpoint's last replay has not ended.
   * @example
   * await posthorn.webhooks.replay("acme", "ep_…", { since: "48h", what: "missing" });
   */
  async replay(tenant: string, endpoint: string, options: ReplayOptions): Promise<BulkStarted> {
    refuseUnknown(options ?? null, OF_REPLAY); // left out is as wrong as null
    const { since, until, what, pace, startsIn, note, idempotency, actor, reason } = options;
    return this.#parts.bulk.start(
      {
        action: "replay",
        filter: {
          tenant,
          endpoint,
          createdFrom: since,
          ...withoutUndefined({ createdBefore: until }),
        },
        ...withoutUndefined({ what, pace, startsIn, note }),
      },
      { idempotency, ...withoutUndefined({ actor, reason }) },
    );
  }

  /**
   * Queues failed or cancelled deliveries again, however many there are, as a background job whose result counts them.
   * @throws InvalidInputError naming every field that is wrong.
   * @example
   * await posthorn.webhooks.redeliverMany({ targetUrl: "https://hooks.example.com/in", createdFrom: "2030-01-31T09:00:00Z" });
   */
  async redeliverMany(request: RedeliverRequest, idempotency?: Idempotency, by?: By): Promise<Accepted> {
    return this.#redeliver(REDELIVER_TASK, request, idempotency, by);
  }

  /** @deprecated The old name of `redeliverMany`; the result of its job is `{"retried": n}`. */
  async retryMany(request: RedeliverRequest, idempotency?: Idempotency, by?: By): Promise<Accepted> {
    return this.#redeliver(OLD_REDELIVER_TASK, request, idempotency, by);
  }

  async #redeliver(
    task: string,
    request: RedeliverRequest,
    idempotency?: Idempotency,
    by?: By,
  ): Promise<Accepted> {
    const { bulk, destinations } = this.#parts;
    const { status, lane, createdFrom, createdBefore } = readRedeliverRequest(request, destinations);
    const filter = {
      status,
      ...(lane !== undefined && { lane }),
      ...(createdFrom !== undefined && { createdFrom: new Date(createdFrom) }),
      ...(createdBefore !== undefined && { createdBefore: new Date(createdBefore) }),
    };
    // as fast as they are sent, for that is what this was before runs had a pace
    const asked = { action: "redeliver", filter, pace: MOST_PACE, startsIn: 0 } as const;
    const { run, replayed } = await bulk.startAs(task, asked, { ...by, idempotency });
    return { jobId: run.driver, replayed, existing: false };
  }

  #jobOf(delivery: Delivery, destination: Destination, target: unknown): NewJob {
    const { targetUrl, headers, timeoutMs, eventId, secret } = delivery;
    const now = this.#parts.clock.now();
    const id = newId("job", now);
    const origin = originWith(delivery);
    return this.#parts.payloadTags.onto({
      id,
      task: DELIVER_TASK,
      lane: destination.lane(target),
      priority: 0,
      options: stringifyDeliveryOptions({
        kind: this.#parts.destinations.kindToKeep(destination),
        targetUrl,
        headers: headers && this.#parts.secrets.sealHeaders(headers, id),
        timeoutMs,
        eventId,
        secret: secret === undefined ? undefined : this.#parts.secrets.seal(secret, id),
      }),
      payload: delivery.payload,
      maxAttempts: delivery.maxAttempts,
      createdAt: now,
      runAt: delivery.runAt === undefined ? now : Math.max(delivery.runAt, now),
      ...(origin && { origin }),
    });
  }

  /** So that a caller with two mistakes, one of them the target, hears of both at once. */
  async #withTargetProblems(
    found: InvalidInputError,
    request: DeliverRequest | null | undefined,
  ): Promise<InvalidInputError> {
    const targetUrl = request?.targetUrl;
    if (typeof targetUrl !== "string") return found;
    try {
      await this.#parts.destinations.ofUrl(targetUrl).admit(targetUrl);
      return found;
    } catch (error) {
      if (error instanceof InvalidInputError)
        return new InvalidInputError([...error.problems, ...found.problems]);
      return found;
    }
  }
}
