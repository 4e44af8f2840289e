import { BY_ITSELF, type By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { refuseOther, textOf, wrong } from "../../core/options.ts";
import type { Audit } from "../../engine/audit/audit.ts";
import type { Intake } from "../../engine/intake/intake.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";
import type { Endpoint, EndpointKey } from "../../store/shelves/endpoints.ts";
import type { Store } from "../../store/store.ts";
import type { EndpointWatch } from "../breaker/endpoint-watch.ts";
import type { HeldLanes } from "../breaker/held-lanes.ts";
import type { Destinations } from "../destination.ts";
import type { Announcements } from "../operational/announcements.ts";
import { heldUpByStatus, keyOfLane, laneOf } from "../registry/known-endpoint.ts";
import type { Registry } from "../registry/registry.ts";
import { cancelJob } from "./cancel-task.ts";
import { type EndpointBacklog, endpointBacklog } from "./endpoint-backlog.ts";
import { EndpointChanges } from "./endpoint-changes.ts";
import type { EndpointExchange } from "./endpoint-exchange.ts";
import { type EndpointHealthView, healthView } from "./endpoint-health-view.ts";
import type { EndpointSecrets } from "./endpoint-secrets.ts";
import {
  type EndpointStatOptions,
  type EndpointStatReport,
  type EndpointTotals,
  endpointStats,
  endpointTotals,
  firstHour,
  spanOf,
} from "./endpoint-stats.ts";
import { EndpointStatuses, type StopOptions } from "./endpoint-statuses.ts";
import { EndpointTrials, type Trial, type TrialOptions } from "./endpoint-trial.ts";
import { EndpointVerifications } from "./endpoint-verification.ts";
import { longestWaiting, type WaitingEndpoint } from "./longest-waiting.ts";
import { type FailingEndpoint, mostFailing } from "./most-failing.ts";
import { type RegisteredEndpoint, shownEndpoint } from "./registered-endpoint.ts";
import { type EventAtEndpoint, UnsentEvents, type UnsentOptions, type UnsentPage } from "./unsent-events.ts";
import type { WorstEndpoints } from "./worst-endpoints.ts";

export interface OperatedEndpointParts {
  readonly store: Pick<
    Store,
    | ("tenants" | "endpoints" | "endpointHealth" | "endpointStats" | "inspection")
    | ("bulkJobs" | "events" | "fanouts")
  >;
  readonly intake: Pick<Intake, "accept" | "submit" | "claimOf" | "isRepeated">;
  readonly sealed: EndpointSecrets;
  readonly exchange: Pick<EndpointExchange, "send">;
  readonly destinations: Destinations;
  readonly registry: Pick<Registry, "forget" | "load">;
  readonly lanes: Pick<HeldLanes, "park">;
  readonly watch: Pick<EndpointWatch, "letIn">;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly audit: Audit;
  readonly announcements: Pick<Announcements, "about">;
}

const ITSELF: By = { actor: BY_ITSELF };

/** The half of `Endpoints` that operates those that exist; the other half creates, changes and deletes them. */
export abstract class OperatedEndpoints {
  protected readonly changes: EndpointChanges;
  readonly #parts: OperatedEndpointParts;
  readonly #statuses: EndpointStatuses;
  readonly #trials: EndpointTrials;
  readonly #verifications: EndpointVerifications;
  readonly #longestWaiting: WorstEndpoints<WaitingEndpoint>;
  readonly #unsent: UnsentEvents;
  readonly #mostFailing: WorstEndpoints<FailingEndpoint>;
  readonly #underway = new Set<Promise<unknown>>();

  constructor(parts: OperatedEndpointParts) {
    this.#parts = parts;
    this.#longestWaiting = longestWaiting(parts.store, parts.clock);
    this.#unsent = new UnsentEvents(parts);
    this.#mostFailing = mostFailing(parts.store, parts.clock);
    this.changes = new EndpointChanges(parts);
    this.#statuses = new EndpointStatuses({ ...parts, changes: this.changes });
    this.#trials = new EndpointTrials(parts);
    this.#verifications = new EndpointVerifications({
      ...parts,
      changes: this.changes,
      trials: this.#trials,
    });
  }

  /**
   * Pauses an endpoint: until it is resumed, nothing is sent to it, and its events wait.
   * @throws ConflictError `endpoint_disabled` if it is disabled.
   */
  async pause(
    tenant: string,
    endpoint: string,
    options: StopOptions = {},
    by?: By,
  ): Promise<RegisteredEndpoint> {
    return this.shown(await this.#statuses.pause(tenant, endpoint, options, by));
  }

  /**
   * Resumes a paused endpoint. Its waiting deliveries are sent: a few at first, then twice as many, and so on.
   * @throws ConflictError `endpoint_disabled` if it is disabled.
   */
  async resume(tenant: string, endpoint: string, by?: By): Promise<RegisteredEndpoint> {
    return this.shown(await this.#statuses.resume(tenant, endpoint, by));
  }

  /**
   * Disables an endpoint: it gets no new events. Its queued deliveries wait until it is enabled, or are dropped if `queued` says so.
   */
  async disable(
    tenant: string,
    endpoint: string,
    options: StopOptions = {},
    by?: By,
  ): Promise<RegisteredEndpoint> {
    return this.shown(await this.#statuses.disable(tenant, endpoint, options, by));
  }

  /**
   * Enables an endpoint: it gets events again, its waiting deliveries are sent, a few at first, and its count of failures starts again.
   * @throws ConflictError `endpoint_paused` if it is paused: use `resume` instead.
   */
  async enable(tenant: string, endpoint: string, by?: By): Promise<RegisteredEndpoint> {
    return this.shown(await this.#statuses.enable(tenant, endpoint, by));
  }

  /** How its deliveries are going. */
  async health(tenant: string, endpoint: string): Promise<EndpointHealthView> {
    const { id, tenant: owner } = await this.changes.find(tenant, endpoint);
    return healthView(await this.#parts.store.endpointHealth.get(owner, id));
  }

  /**
   * How its deliveries went, hour by hour, in all processes; each writes its counts a moment later, and only those of its busiest thousand
   * endpoints of an hour.
   * @throws InvalidInputError for an unknown span.
   * @example
   * const { points } = await posthorn.webhooks.endpoints.stats("acme", "main", { span: "7d" });
   */
  async stats(
    tenant: string,
    endpoint: string,
    options: EndpointStatOptions = {},
  ): Promise<EndpointStatReport> {
    const span = spanOf(options);
    const { id, tenant: owner } = await this.changes.find(tenant, endpoint);
    const now = this.#parts.clock.now();
    const rows = await this.#parts.store.endpointStats.since(owner, id, firstHour(span, now));
    return endpointStats(rows, span, now);
  }

  /**
   * How deliveries to several endpoints of a tenant went in the current hour and the 23 before it, by the endpoints' ids: one query for
   * every 32. Unknown ids are left out, and so are endpoints that nothing was sent to.
   * @param endpoints ids.
   * @example
   * const { data } = await posthorn.webhooks.endpoints.list("acme");
   * const totals = await posthorn.webhooks.endpoints.totals("acme", data.map(({ id }) => id));
   */
  async totals(tenant: string, endpoints: readonly string[]): Promise<ReadonlyMap<string, EndpointTotals>> {
    checkIds(endpoints, "endpoints");
    const { store, clock } = this.#parts;
    const owner = await this.changes.tenant(tenant);
    const sums = await store.endpointStats.sums(owner.id, endpoints, firstHour("24h", clock.now()));
    return new Map(sums.map((sum) => [sum.endpoint, endpointTotals(sum)]));
  }

  /**
   * How many deliveries wait for several endpoints of a tenant, and since when, by the endpoints' ids.
   * @param endpoints ids.
   * @example
   * const { data } = await posthorn.webhooks.endpoints.list("acme");
   * const backlogs = await posthorn.webhooks.endpoints.backlogs("acme", data.map(({ id }) => id));
   */
  async backlogs(
    tenant: string,
    endpoints: readonly string[],
  ): Promise<ReadonlyMap<string, EndpointBacklog>> {
    checkIds(endpoints, "endpoints");
    const { store, clock } = this.#parts;
    const owner = await this.changes.tenant(tenant);
    const found = await store.inspection.backlogs(endpoints.map((id) => laneOf(owner.id, id)));
    const now = clock.now();
    return new Map(found.map((each) => [keyOfLane(each.lane).id, endpointBacklog(each, now)]));
  }

  /**
   * The events of its tenant that an endpoint did not get, newest first, and why. One that was sent to it later, such as by a replay, is
   * not among them. Each page looks at 250 events at most, so it may be short, and `nextCursor` searches on.
   * @throws InvalidInputError for a time, a limit, a reason or a cursor that is wrong.
   * @example
   * const { data } = await posthorn.webhooks.endpoints.unsent("acme", "main", { reasons: ["disabled"], since: "2030-01-31T00:00:00Z" });
   */
  async unsent(tenant: string, endpoint: string, options: UnsentOptions = {}): Promise<UnsentPage> {
    return this.#unsent.list(await this.changes.find(tenant, endpoint), options);
  }

  /**
   * The outcome of an event at an endpoint: its delivery, or why there is none.
   * @param event Posthorn's id of it, or your own.
   * @throws NotFoundError if the tenant has no such event.
   */
  async eventAt(tenant: string, endpoint: string, event: string): Promise<EventAtEndpoint> {
    return this.#unsent.one(await this.changes.find(tenant, endpoint), event);
  }

  /**
   * The endpoints, of all tenants, whose oldest due delivery has waited longest, that one first; with very many lanes, only the first of
   * them are compared. What was found holds for five seconds.
   * @param limit at most this many: 1 to 20. Default 5.
   * @throws InvalidInputError for another limit.
   * @example
   * const [worst] = await posthorn.webhooks.endpoints.waitingLongest(1);
   */
  async waitingLongest(limit = 5): Promise<readonly WaitingEndpoint[]> {
    return this.#longestWaiting.first(limit);
  }

  /**
   * The endpoints, of all tenants, that most attempts failed for in the current hour and the 23 before it, that one first; of a process's
   * busiest thousand endpoints of an hour. What was found holds for fifteen seconds.
   * @param limit at most this many: 1 to 20. Default 5.
   * @throws InvalidInputError for another limit.
   * @example
   * const [worst] = await posthorn.webhooks.endpoints.mostFailing(1);
   */
  async mostFailing(limit = 5): Promise<readonly FailingEndpoint[]> {
    return this.#mostFailing.first(limit);
  }

  /**
   * When endpoints whose breaker is open are probed next, by the ids of the endpoints, of any tenants: one query for every 32.
   * @param endpoints tenants and endpoints, by their ids.
   */
  async nextProbes(endpoints: readonly EndpointKey[]): Promise<ReadonlyMap<string, Date>> {
    if (!Array.isArray(endpoints))
      throw wrong(["endpoints"], "must be a list of tenants and endpoints, such as [{ tenant, id }]");
    for (const [at, key] of endpoints.entries()) {
      refuseOther(key, ["endpoints", at], "must be an object with tenant and id");
      textOf(key.tenant, ["endpoints", at, "tenant"]);
      textOf(key.id, ["endpoints", at, "id"]);
    }
    const found = (await this.#parts.store.endpointHealth.of(endpoints)).map((health) => {
      const { nextProbeAt } = healthView(health);
      return [health.endpoint, nextProbeAt] as const;
    });
    return new Map(found.flatMap(([endpoint, at]) => (at === null ? [] : [[endpoint, at] as const])));
  }

  /**
   * Sends an example event now, and returns what came back. It counts neither as a success nor as a failure, and is sent whatever the
   * endpoint's status.
   * @example
   * const { succeeded, code, excerpt } = await posthorn.webhooks.endpoints.test("acme", "main");
   */
  async test(tenant: string, endpoint: string, options: TrialOptions = {}, by?: By): Promise<Trial> {
    const row = await this.changes.find(tenant, endpoint);
    const event = this.#trials.prepared(row, options);
    const act = { action: "endpoint.test", target: row.id, tenant: row.tenant } as const;
    await this.#parts.audit.note(by, { ...act, change: { type: [null, event.type] } });
    return this.#trials.try(row, event);
  }

  /**
   * Asks an endpoint again to confirm that it wants events. `verification` of the answer has the outcome.
   * @throws ConflictError `not_to_be_verified` if it has no verification.
   */
  async verify(tenant: string, endpoint: string, by?: By): Promise<RegisteredEndpoint> {
    return this.shown(await this.#verifications.verify(tenant, endpoint, by));
  }

  /** An endpoint's extra headers with their values, which may be secret. */
  async headers(tenant: string, endpoint: string): Promise<Readonly<Record<string, string>>> {
    const { id, headers } = await this.changes.find(tenant, endpoint);
    return headers === null ? {} : this.#parts.sealed.openHeaders(id, headers);
  }

  /** The endpoints of a tenant with these ids (not uids), including deleted ones, in no particular order. */
  async known(tenant: string, ids: readonly string[]): Promise<readonly RegisteredEndpoint[]> {
    checkIds(ids, "ids");
    const owner = await this.changes.tenant(tenant);
    const rows = await this.#parts.store.endpoints.known(ids.map((id) => ({ tenant: owner.id, id })));
    return rows.map((row) => this.view(row, undefined));
  }

  /** Resolves when everything that was started in the background, such as verifications, has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underway);
  }

  protected async shown(row: Endpoint): Promise<RegisteredEndpoint> {
    return this.view(row, await this.#parts.store.endpointHealth.get(row.tenant, row.id));
  }

  /** @param health undefined if the endpoint has not failed yet. */
  protected view(row: Endpoint, health: EndpointHealth | undefined): RegisteredEndpoint {
    const { sealed } = this.#parts;
    const names = row.headers === null ? [] : Object.keys(sealed.openHeaders(row.id, row.headers));
    return shownEndpoint(row, names, health);
  }

  /** The health of a page of one tenant's endpoints, by their ids. */
  protected async healthOf(rows: readonly Endpoint[]): Promise<ReadonlyMap<string, EndpointHealth>> {
    const ids = rows.map(({ id }) => id).sort();
    const [first, last] = [ids[0], ids.at(-1)];
    const [one] = rows;
    if (one === undefined || first === undefined || last === undefined) return new Map();
    const found = await this.#parts.store.endpointHealth.between(one.tenant, first, last);
    return new Map(found.map((health) => [health.endpoint, health]));
  }

  /** To be called once an endpoint was created or changed: it may have to confirm that it wants events, or no longer. */
  protected changed(row: Endpoint, before?: Endpoint): void {
    if (row.verification === null && before?.verification == null) return;
    const isUnverified = heldUpByStatus({ ...row, status: "active" }) === "unverified";
    const isNew = before?.url !== row.url || before.verification !== row.verification;
    if (isUnverified && isNew) this.#begin(this.#verifications.verify(row.tenant, row.id, ITSELF));
    else if (!isUnverified && row.status === "active")
      this.#begin(this.#statuses.resume(row.tenant, row.id, ITSELF));
  }

  /** Enqueues the job that cancels what waits for an endpoint that is being deleted; any process can run it. */
  protected async cancelWhenDeleted({ tenant, id: endpoint }: Endpoint): Promise<void> {
    const { intake, clock } = this.#parts;
    const reason = "its endpoint was deleted";
    await intake.accept(cancelJob({ kind: "endpoint", tenant, endpoint, reason }, clock.now()));
  }

  #begin(step: Promise<unknown>): void {
    const settled = step.catch((error: unknown) => {
      this.#parts.instrument["step.failed"].publish({ step: "watch endpoints", error });
    });
    this.#underway.add(settled);
    void settled.then(() => this.#underway.delete(settled));
  }
}

function checkIds(ids: readonly string[], name: string): void {
  if (!(Array.isArray(ids) && ids.every((id) => typeof id === "string")))
    throw wrong([name], "must be a list of the ids of endpoints");
}
