import { availableParallelism } from "node:os";
import { ApiKeys } from "./access/api-keys.ts";
import { Keys } from "./access/keys.ts";
import { BY_ITSELF } from "./core/actor.ts";
import type { Clock } from "./core/clock.ts";
import { ConfigurationError } from "./core/errors.ts";
import { Audit } from "./engine/audit/audit.ts";
import { AuditTrail } from "./engine/audit/audit-trail.ts";
import { BulkFailures } from "./engine/bulk/bulk-failures.ts";
import { BulkRuns } from "./engine/bulk/bulk-runs.ts";
import { BulkTask, type BulkTaskParts } from "./engine/bulk/bulk-task.ts";
import { Stays } from "./engine/bulk/stays.ts";
import { DOCTOR, Doctor } from "./engine/doctor/doctor.ts";
import { Engine } from "./engine/engine.ts";
import { FailureCount } from "./engine/failures/failure-count.ts";
import { Failures } from "./engine/failures/failures.ts";
import { census } from "./engine/fleet/liveness.ts";
import type { IdempotencyRules } from "./engine/intake/intake.ts";
import { JOBS, Jobs } from "./engine/jobs.ts";
import { startAll, stopAll } from "./engine/part.ts";
import { PublicJobs } from "./engine/public-jobs.ts";
import { publicWorker } from "./engine/public-worker.ts";
import { type RetentionRules, withDefaults } from "./engine/retention-periods.ts";
import { EndpointStatistics } from "./engine/statistics/endpoint-statistics.ts";
import { STATISTICS, StatReports } from "./engine/statistics/report.ts";
import { Statistics } from "./engine/statistics/statistics.ts";
import { INSTRUMENT, type Instrument } from "./observe/instrument.ts";
import type { Log } from "./observe/log.ts";
import { EndpointMeters } from "./observe/metrics/endpoint-meters.ts";
import { Meters } from "./observe/metrics/meters.ts";
import { METRICS_TEXT, MetricsText } from "./observe/metrics/metrics-text.ts";
import { subscribe } from "./observe/public-events.ts";
import type { AttemptTraces } from "./observe/traces/attempt-span.ts";
import type { Inner, Posthorn } from "./posthorn-interface.ts";
import { BOX } from "./secrets/box-of.ts";
import { SecretBox } from "./secrets/secret-box.ts";
import { MOST_COUNTED } from "./store/facts.ts";
import type { EndpointKey } from "./store/shelves/endpoints.ts";
import type { Store } from "./store/store.ts";
import { STORE } from "./store/store-of.ts";
import type { ScheduleDefinition } from "./tasks/schedule.ts";
import { Schedules } from "./tasks/schedules.ts";
import type { TaskDefinition } from "./tasks/task-definition.ts";
import { Tasks } from "./tasks/tasks.ts";
import { Threads } from "./tasks/threads/threads.ts";
import { VERSION } from "./version.ts";
import { targetOf } from "./webhooks/accept/delivery-options.ts";
import { Attempts } from "./webhooks/attempts/attempts.ts";
import { EndpointTokens } from "./webhooks/auth/endpoint-tokens.ts";
import type { BreakerRules } from "./webhooks/breaker/breaker-state.ts";
import { Breakers } from "./webhooks/breaker/breakers.ts";
import { EndpointWatch } from "./webhooks/breaker/endpoint-watch.ts";
import { HeldLanes } from "./webhooks/breaker/held-lanes.ts";
import { DeliverTask } from "./webhooks/deliver-task.ts";
import type { Destinations } from "./webhooks/destination.ts";
import { CancelTask } from "./webhooks/endpoints/cancel-task.ts";
import { EndpointDeliveries } from "./webhooks/endpoints/endpoint-deliveries.ts";
import { EndpointExchange } from "./webhooks/endpoints/endpoint-exchange.ts";
import { EndpointMessages } from "./webhooks/endpoints/endpoint-messages.ts";
import { EndpointSecrets } from "./webhooks/endpoints/endpoint-secrets.ts";
import { Endpoints } from "./webhooks/endpoints/endpoints.ts";
import { EndpointImport } from "./webhooks/endpoints/import/endpoint-import.ts";
import { ReleaseTask } from "./webhooks/endpoints/release-task.ts";
import { EventTypes } from "./webhooks/event-types/event-types.ts";
import { EventTypeSchemas } from "./webhooks/event-types/schema.ts";
import { EraseTask } from "./webhooks/events/erase-task.ts";
import { Events } from "./webhooks/events/events.ts";
import { Fanouts } from "./webhooks/events/fanouts.ts";
import { SendEvents } from "./webhooks/events/send-events.ts";
import { TypeChecks } from "./webhooks/events/type-checks.ts";
import { Announcements } from "./webhooks/operational/announcements.ts";
import { Announcer } from "./webhooks/operational/announcer.ts";
import { bulkEndings } from "./webhooks/operational/bulk-endings.ts";
import { DeliveryTroubles } from "./webhooks/operational/delivery-troubles.ts";
import {
  declareOperationalEndpoint,
  type OperationalOptions,
} from "./webhooks/operational/operational-endpoint.ts";
import { PortalSessions } from "./webhooks/portal/portal-sessions.ts";
import { RedeliverEvents } from "./webhooks/redeliver/redeliver-event.ts";
import { OLD_REDELIVER_TASK, REDELIVER_TASK } from "./webhooks/redeliver/redeliver-request.ts";
import { endpointOf, isLaneOfEndpoint, keyOfLane } from "./webhooks/registry/known-endpoint.ts";
import { Registry } from "./webhooks/registry/registry.ts";
import { BulkPlaces } from "./webhooks/replay/bulk-places.ts";
import { bulkSources } from "./webhooks/replay/bulk-sources.ts";
import { DeliverySecrets } from "./webhooks/signing/delivery-secrets.ts";
import { masterKeyState } from "./webhooks/signing/master-key-state.ts";
import { openServerSecret } from "./webhooks/signing/server-secret.ts";
import { SigningKeyCache } from "./webhooks/signing/signing-key-cache.ts";
import { EraseTenantTask } from "./webhooks/tenants/erase-tenant-task.ts";
import { Tenants } from "./webhooks/tenants/tenants.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a Posthorn is made of, with settings that have been checked. */
export interface Parts extends IdempotencyRules {
  /** Closed together with the Posthorn; if assembling fails, it stays open. */
  readonly store: Store;
  readonly clock: Clock;
  /** For handlers. */
  readonly log: Log;
  readonly instrument: Instrument;
  /** 32 bytes in base64. */
  readonly masterKey: string;
  /** Closed with the whole. */
  readonly destinations: Destinations;
  readonly tasks: readonly TaskDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
  readonly concurrency: number;
  /** Whether it also runs jobs. */
  readonly worker: boolean;
  /** Whether it keeps the process alive until it is closed. Default false. */
  readonly keepsAlive?: boolean;
  readonly retention: RetentionRules;
  readonly drainMs: number;
  /** What happens to an event for a tenant that nobody has made. Default `create`. */
  readonly unknownTenants?: "create" | "reject";
  /** Of how many endpoints metrics tell. Default: none. */
  readonly metricsEndpoints?: number | undefined;
  /** How attempts belong to where their job was enqueued. Default `link`. */
  readonly attemptTraces?: AttemptTraces | undefined;
  /** When failing endpoints are given a rest, and when they are disabled. */
  readonly breaker: BreakerRules;
  /** Where operational events go besides the endpoints that are registered for them. */
  readonly operational?: OperationalOptions | undefined;
  /** Uniform in [0, 1), for jitter. Default: Math.random. */
  readonly random?: () => number;
}

/** @throws ConfigurationError: an object of definitions is easily passed in place of a list. */
function listOf<Definition>(list: readonly Definition[], option: string): readonly Definition[] {
  if (Array.isArray(list)) return list;
  throw new ConfigurationError(`${option} must be a list, such as [sendReceipt]`);
}

/**
 * Puts the layers together and begins to work: the base of `openPosthorn` and the test kit.
 * @throws ConfigurationError, InvalidInputError for a task or schedule that is wrong.
 */
export async function assemble(parts: Parts): Promise<Posthorn> {
  const { store, clock, log, instrument, destinations, drainMs, concurrency } = parts;
  const box = SecretBox.open(parts.masterKey);
  const signingSecret = await openServerSecret(store.secrets, box);
  const secrets = new DeliverySecrets(box, signingSecret);
  const registry = new Registry(store, clock);
  const audit = new Audit({ shelf: store.audit, clock, instrument });
  const sealed = new EndpointSecrets(box, new SigningKeyCache());
  const messages = new EndpointMessages(sealed, secrets);
  const announcements = new Announcements({ store, registry, clock });
  const endings = bulkEndings(announcements);
  const lanes = new HeldLanes({ parking: store.parking, clock, instrument, wake: () => engine.wake() });
  const disable = ({ tenant, id }: EndpointKey, reason: string): Promise<void> =>
    endpoints.disable(tenant, id, {}, { actor: BY_ITSELF, reason }).then(
      () => {},
      (error: unknown) => instrument["step.failed"].publish({ step: "watch endpoints", error }),
    );
  const breakers = new Breakers({
    store,
    lanes,
    clock,
    instrument,
    rules: parts.breaker,
    announcements,
    disable,
  });
  const tokens = new EndpointTokens({ shelf: store.accessTokens, destinations, box, clock });
  const exchange = new EndpointExchange({ destinations, messages, tokens, clock });
  const deliveries = new EndpointDeliveries({ registry, exchange, breakers, disable });
  const next = bulkSources({ store, registry, breakers });
  const places = new BulkPlaces(store, registry);
  const bulkParts: BulkTaskParts = {
    ...{ store, clock, instrument, endings, next },
    rateOf: (lane) => places.rateOf(lane),
    stays: new Stays({ slots: concurrency, clock, isEnding: () => engine.isDraining }),
    submit: (submission) => engine.intake.submit(submission),
    wake: () => engine.wake(),
    cancelled: (ended) => {
      for (const { id, task } of ended) engine.forget(id, task);
    },
  };
  const engine = new Engine({
    store,
    tasks: [
      new DeliverTask({ destinations, secrets, endpoints: deliveries, clock }),
      new CancelTask({ store, clock, instrument }),
      new EraseTask(store),
      new EraseTenantTask({ store, clock, instrument }),
      new ReleaseTask({ store, clock, wake: () => engine.wake() }),
      new BulkTask(bulkParts),
      new BulkTask(bulkParts, REDELIVER_TASK, "redelivered"),
      new BulkTask(bulkParts, OLD_REDELIVER_TASK, "retried"),
    ],
    retention: parts.retention,
    idempotency: { keyRetentionMs: parts.keyRetentionMs, duplicateKeys: parts.duplicateKeys },
    concurrency,
    clock,
    log,
    instrument,
    version: VERSION,
    attemptTraces: parts.attemptTraces,
    ...(parts.random && { random: parts.random }),
  });
  const jobs = new Jobs(store, engine, audit);
  const threads = new Threads(availableParallelism(), ({ error, job }) =>
    instrument["error.left behind"].publish({ error, jobId: job?.id, task: job?.task }),
  );
  const tasks = new Tasks({ engine, clock, jobs, threads });
  for (const definition of listOf(parts.tasks, "tasks")) tasks.add(definition);
  const schedules = new Schedules(engine, store.schedules, clock, audit);
  for (const definition of listOf(parts.schedules, "schedules")) await schedules.declare(definition);
  const { intake } = engine;
  const fanouts = new Fanouts({ store, intake, registry, breakers, clock, instrument });
  const schemas = new EventTypeSchemas();
  const types = new TypeChecks(registry, schemas);
  const sending = new SendEvents({
    store,
    intake,
    registry,
    breakers,
    secrets,
    types,
    fanouts,
    clock,
    retentionMs: parts.retention.jobsMs,
    unknownTenants: parts.unknownTenants ?? "create",
  });
  const tenants = new Tenants({ store, intake, registry, clock, audit });
  const endpoints = new Endpoints({
    ...{ store, intake, sealed, exchange, destinations, registry, breakers, lanes, clock, instrument, audit },
    announcements,
  });
  const bulkFailures = new BulkFailures({ shelf: store.bulkRuns, clock, instrument });
  const troubles = new DeliveryTroubles({ announcements, clock, instrument });
  const announcer = new Announcer({ store, registry, sending, clock, instrument });
  const watch = new EndpointWatch({ store, breakers, lanes, clock, instrument });
  const imports = new EndpointImport({ store, intake, sealed, destinations, registry, clock, audit });
  const eventTypes = new EventTypes({ store, intake, registry, schemas, clock, audit });
  const events = new Events({ store, secrets, intake, clock, audit, retentionMs: parts.retention.jobsMs });
  const attempts = new Attempts({ store, tenants, endpoints, events, audit });
  const portal = new PortalSessions({ shelf: store.portalSessions, tenants, clock, audit });
  const bulk = new BulkRuns({ store, intake, places, next, clock, audit, instrument, endings });
  const meters = new Meters(instrument, () => clock.now());
  const { metricsEndpoints: most = 0 } = parts;
  const endpointKeyOf = (lane: string) => (isLaneOfEndpoint(lane) ? keyOfLane(lane) : undefined);
  const endpointMeters =
    most > 0
      ? new EndpointMeters({ instrument, most, endpointOf: (lane) => endpointKeyOf(lane)?.id })
      : undefined;
  const endpointsDue = async () =>
    (await store.inspection.oldestLanes(most)).map(({ lane, oldestAt }) => ({
      endpoint: keyOfLane(lane).id,
      oldestAt,
    }));
  const metrics = new MetricsText({
    ...{ endpointMeters, endpointsDue: endpointMeters && endpointsDue },
    ...{ meters, clock, version: VERSION, store: store.isShared ? "postgres" : "sqlite" },
    slots: parts.worker ? concurrency : 0,
    gauges: () => store.inspection.gauges(),
    workers: async () => ({ ...census(await store.workers.list(), clock.now(), store.isShared) }),
    endpoints: async () => ({ ...(await store.endpointHealth.census(MOST_COUNTED)) }),
    schedules: () => store.schedules.list(),
    ...{ isDraining: () => engine.isDraining, findings: () => doctor.last },
  });
  const statistics = new Statistics({ meters, shelf: store.stats, clock, instrument });
  const byEndpoint = new EndpointStatistics({
    ...{ shelf: store.endpointStats, clock, instrument, keyOf: endpointKeyOf },
  });
  const reports = new StatReports({
    ...{ statistics, shelf: store.stats, clock },
    ...{ gauges: () => store.inspection.gauges(), workers: () => store.workers.list() },
  });
  if (parts.operational) await declareOperationalEndpoint({ endpoints, sealed }, parts.operational);
  const doctor = new Doctor({
    ...{ store, clock, instrument, retention: withDefaults(parts.retention) },
    masterKey: () => masterKeyState(store.secrets, () => box),
  });
  const failureCount = new FailureCount({
    ...{ shelf: store.failureGroups, hours: store.failureHours, clock, instrument },
  });
  const counting = [failureCount, statistics, byEndpoint, troubles, bulkFailures];
  await startAll(counting); // before what dead workers held is taken back
  if (parts.worker) await engine.start();
  else await engine.watch();
  doctor.start();
  fanouts.start();
  watch.start();
  announcer.start();
  // a program that only runs jobs waits for them, and should not end because it has nothing else to do
  const keepAlive = parts.keepsAlive ? setInterval(() => {}, LONGEST_TIMER_MS) : undefined;

  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    try {
      await announcer.stop();
      await doctor.stop();
      await fanouts.stop();
      await engine.stop(drainMs);
      await endpoints.settled();
      await watch.stop();
      await stopAll(counting);
    } finally {
      clearInterval(keepAlive);
      meters.stop();
      endpointMeters?.stop();
      metrics.stop();
      await Promise.allSettled([destinations.close(), threads.close()]);
      await store.close();
    }
  };
  const posthorn: Posthorn & Inner = {
    [STORE]: store,
    [JOBS]: jobs,
    [INSTRUMENT]: instrument,
    [METRICS_TEXT]: metrics,
    [DOCTOR]: doctor,
    [STATISTICS]: reports,
    [BOX]: box,
    webhooks: new Webhooks({
      intake,
      destinations,
      secrets,
      bulk,
      sending,
      tenants,
      endpoints,
      eventTypes,
      events,
      imports,
      attempts,
      redelivering: new RedeliverEvents({ events, endpoints, registry, intake, breakers, clock, audit }),
      portal,
      clock,
    }),
    jobs: new PublicJobs(jobs, (job) => ({ targetUrl: targetOf(job), endpointId: endpointOf(job) })),
    audit: new AuditTrail(store.audit, audit),
    keys: new ApiKeys(new Keys(store.keys, clock, audit), store),
    bulk,
    failures: new Failures({ ...{ shelf: store.failureGroups, hours: store.failureHours }, clock, audit }),
    tasks,
    schedules,
    enqueue: tasks.enqueue.bind(tasks) as Tasks["enqueue"],
    enqueueMany: tasks.enqueueMany.bind(tasks),
    work: tasks.work.bind(tasks) as Tasks["work"],
    result: tasks.result.bind(tasks) as Tasks["result"],
    on: (event, listener) => subscribe(instrument, event, listener),
    clock,
    check: () => store.check(),
    get isDraining() {
      return engine.isDraining;
    },
    workers: async () => (await store.workers.list()).map(publicWorker),
    stats: (options) => reports.asked(options),
    async prune(by) {
      await audit.note(by, { action: "database.prune", target: "database" });
      return engine.prune();
    },
    signingSecret: () => signingSecret,
    drain: () => engine.drain(drainMs),
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
  return posthorn;
}
