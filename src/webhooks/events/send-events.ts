import type { Clock } from "../../core/clock.ts";
import { DAY_MS } from "../../core/duration.ts";
import { ConflictError, NotFoundError, OverloadedError } from "../../core/errors.ts";
import { isId, newId } from "../../core/id.ts";
import type { PayloadTags } from "../../core/json/payload-tags.ts";
import { OPERATORS } from "../../core/names.ts";
import { refuseUnknown, wrong } from "../../core/options.ts";
import { isWithin, readReach } from "../../core/reach.ts";
import { metaGiven } from "../../core/traces/trace-given.ts";
import type { Intake } from "../../engine/intake/intake.ts";
import type { EventKey } from "../../store/shelves/event-keys.ts";
import type { Event } from "../../store/shelves/events.ts";
import type { Call } from "../../store/shelves/tables/session.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import type { Store } from "../../store/store.ts";
import type { Breakers } from "../breaker/breakers.ts";
import type { KnownTenant, Registry } from "../registry/registry.ts";
import type { DeliverySecrets } from "../signing/delivery-secrets.ts";
import { endpointJob } from "./endpoint-job.ts";
import { eraseAfterOf, eraseJob } from "./erase-task.ts";
import type { Fanouts } from "./fanouts.ts";
import { type InTurn, inTurn } from "./jobs-at-once.ts";
import { type Matched, matchEvent } from "./match-event.ts";
import { EventToMatch } from "./matching/event-to-match.ts";
import { type NewEvent, readSendRequest } from "./read-send-request.ts";
import type { SendOptions, SendRequest, SentEvent } from "./send-request.ts";
import type { TypeChecks } from "./type-checks.ts";

export interface SendParts {
  readonly store: Pick<Store, "events" | "eventKeys" | "fanouts" | "registry" | "tenants">;
  readonly intake: Pick<Intake, "submit">;
  readonly registry: Registry;
  readonly breakers: Pick<Breakers, "heldUpBy">;
  readonly secrets: Pick<DeliverySecrets, "sealEventHeaders">;
  readonly types: TypeChecks;
  readonly fanouts: Pick<Fanouts, "wake">;
  readonly clock: Clock;
  /** How long events are kept. */
  readonly retentionMs: number;
  readonly payloadTags: PayloadTags;
  /** What happens to an event for a tenant that nobody has made. */
  readonly unknownTenants: "create" | "reject";
}

/** How often an event is matched again because its tenant's endpoints changed meanwhile. */
const MOST_TRIES = 10;

/** What goes into the accepting transaction. */
interface Accepting {
  readonly tenant: Tenant;
  readonly event: Event;
  readonly turns: InTurn;
  readonly guard: Call<unknown>;
  readonly rows: readonly Call<unknown>[];
}

/** Accepts events: the event, the jobs that deliver it and what makes it one are written in one transaction. */
export class SendEvents {
  readonly #parts: SendParts;

  constructor(parts: SendParts) {
    this.#parts = parts;
  }

  /** See `Webhooks.send`. */
  async send(request: SendRequest, options: SendOptions = {}): Promise<SentEvent> {
    checkOptions(options);
    const asked = readSendRequest(request, this.#parts.clock.now());
    return this.#accept(asked, await this.#parts.types.check(asked), options);
  }

  /** Sends operators an event of our own. @param along what is written in the transaction that accepts it. */
  async announce(request: SendRequest, along: readonly Call<unknown>[]): Promise<SentEvent> {
    const asked = readSendRequest(request, this.#parts.clock.now());
    return this.#accept(asked, { isArchived: false, warnings: [] }, { unknownTenants: "reject" }, along);
  }

  /** @param along undefined for what our callers send, which the reserved tenant gets nothing of. */
  async #accept(
    asked: NewEvent,
    { isArchived, warnings }: Awaited<ReturnType<TypeChecks["check"]>>,
    { idempotency, tx, reach = {}, unknownTenants, repeatedEventIds, trace, eraseAfter }: SendOptions,
    along?: readonly Call<unknown>[],
  ): Promise<SentEvent> {
    const { clock, registry, breakers, intake, fanouts } = this.#parts;
    const meta = trace && metaGiven(trace);
    const erasedAfterMs = eraseAfter === undefined ? undefined : eraseAfterOf(eraseAfter, "eraseAfter");
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const known = await registry.tenant(asked.tenant);
      const isSeen = known ? isWithin(known.tenant, reach) : reach.tenant === undefined;
      if (!isSeen) throw new NotFoundError("tenant", asked.tenant);
      if (!along && (known?.tenant.uid ?? asked.tenant) === OPERATORS)
        throw wrong(["tenant"], `must not be ${OPERATORS}, which gets operational events only`);
      const accepting = await (known
        ? this.#toKnown(asked, known, isArchived)
        : this.#toNew(asked, reach.mode, unknownTenants));
      const { tenant, event, turns, guard, rows } = accepting;
      const now = clock.now();
      const jobs = turns.endpoints
        .slice(0, turns.atOnce)
        .map((endpoint) => endpointJob(event, endpoint, now, breakers.heldUpBy(endpoint.row.id), meta));
      // it will be gone by then anyway
      if (erasedAfterMs !== undefined && erasedAfterMs < this.#parts.retentionMs)
        jobs.push(eraseJob(event.id, now + erasedAfterMs, now));
      const { refused, replayed, made } = await intake.submit({
        jobs,
        event,
        guard,
        rows: along ? [...rows, ...along] : rows,
        idempotency,
        tx,
      });
      if (replayed) return await this.#first(tenant.id, made ?? event.id);
      if (!refused) {
        if (turns.endpoints.length > turns.atOnce) fanouts.wake(jobs.length);
        return { eventId: event.id, tenantId: tenant.id, jobs: event.jobs, replayed: false, warnings };
      }
      const key =
        asked.eventId === null ? undefined : await this.#parts.store.eventKeys.get(tenant.id, asked.eventId);
      if (key) return await this.#repeated(key, asked, repeatedEventIds);
      registry.forget(tenant.id);
    }
    throw new OverloadedError(
      "the tenant's endpoints are changing too fast to match events to them; try again shortly",
    );
  }

  async #toKnown(
    asked: NewEvent,
    { tenant, endpoints, version }: KnownTenant,
    isArchived: boolean,
  ): Promise<Accepting> {
    const { store } = this.#parts;
    const matched = await matchEvent(new EventToMatch(asked), endpoints, isArchived);
    const event = this.#eventOf(asked, tenant, matched);
    const key = keyOf(asked, event);
    const guard = key
      ? store.eventKeys.taking(key, tenant.id, version)
      : store.registry.guardOf(tenant.id, version);
    const turns = inTurn(matched.wanted);
    return { tenant, event, turns, guard, rows: this.#restOf(event, turns) };
  }

  async #toNew(
    asked: NewEvent,
    mode: Tenant["mode"] = "live",
    unknownTenants = this.#parts.unknownTenants,
  ): Promise<Accepting> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    if (unknownTenants === "reject" || isId("app", asked.tenant))
      throw new NotFoundError("tenant", asked.tenant);
    const deleted = await store.tenants.deletedWithUid(asked.tenant, now - DAY_MS);
    if (deleted)
      throw new ConflictError(
        "tenant_deleted",
        `the tenant ${asked.tenant} was deleted less than a day ago; create it again before it is sent events`,
      );
    const tenant: Tenant = {
      id: newId("app", now),
      uid: asked.tenant,
      name: asked.tenant,
      metadata: "{}",
      limits: null,
      mode,
      madeBy: "event",
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    };
    const matched: Matched = { wanted: [], unsent: null };
    const event = this.#eventOf(asked, tenant, matched);
    const key = keyOf(asked, event);
    return {
      tenant,
      event,
      turns: inTurn(matched.wanted),
      guard: store.tenants.insertion(tenant),
      rows: key ? [store.eventKeys.taking(key, tenant.id, 0)] : [],
    };
  }

  #eventOf(asked: NewEvent, tenant: Tenant, { wanted, unsent }: Matched): Event {
    const now = this.#parts.clock.now();
    const id = newId("msg", now);
    const { type, payload, contentType, eventId, channels, headers, runAt } = asked;
    const tags = this.#parts.payloadTags.with(asked.tags ?? undefined, () =>
      Buffer.from(payload).toString("utf8"),
    );
    return {
      id,
      tenant: tenant.id,
      type,
      channels: channels && JSON.stringify(channels),
      tags: tags ? JSON.stringify(tags) : null,
      headers: headers ? JSON.stringify(this.#parts.secrets.sealEventHeaders(headers, id)) : null,
      contentType,
      eventId,
      jobs: wanted.length,
      unsent: unsent && JSON.stringify(unsent),
      runAt,
      createdAt: now,
      payload,
    };
  }

  /** What makes the jobs that the accepting transaction does not. */
  #restOf(event: Event, { endpoints: all, atOnce: cursor }: InTurn): readonly Call<unknown>[] {
    if (all.length <= cursor) return [];
    const { id, tenant, runAt, tags, createdAt } = event;
    const endpoints = JSON.stringify(all.map(({ row }) => row.id));
    return [
      this.#parts.store.fanouts.insertion({
        event: id,
        tenant,
        endpoints,
        cursor,
        runAt,
        tags,
        createdAt,
      }),
    ];
  }

  /** @throws ConflictError when it was another event, or that is not to be looked at. */
  async #repeated(
    { event, fingerprint, tenant }: EventKey,
    asked: NewEvent,
    repeated: SendOptions["repeatedEventIds"],
  ): Promise<SentEvent> {
    if (fingerprint === asked.fingerprint && !repeated) return this.#first(tenant, event);
    throw new ConflictError(
      "event_id_reused",
      `the event id ${asked.eventId} was used before, for the event ${event}; use a new id for a new event`,
    );
  }

  async #first(tenantId: string, eventId: string): Promise<SentEvent> {
    const first = await this.#parts.store.events.find(tenantId, eventId);
    return { eventId, tenantId, jobs: first?.jobs ?? 0, replayed: true, warnings: [] };
  }
}

const OPTIONS = [
  ...(["idempotency", "trace", "tx", "unknownTenants", "repeatedEventIds", "eraseAfter", "reach"] as const),
] satisfies (keyof SendOptions)[];

/** @throws InvalidInputError for what would do nothing, or another thing than it says. */
function checkOptions(options: SendOptions): void {
  refuseUnknown(options, OPTIONS);
  for (const name of ["unknownTenants", "repeatedEventIds"] as const)
    if (options[name] !== undefined && options[name] !== "reject")
      throw wrong([name], "must be reject, or be left out");
  readReach(options.reach);
}

function keyOf({ eventId, fingerprint }: NewEvent, { id, tenant, createdAt }: Event): EventKey | undefined {
  return eventId === null ? undefined : { tenant, eventId, event: id, fingerprint, createdAt };
}
