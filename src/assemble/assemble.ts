import { availableParallelism } from "node:os";
import { ApiKeys } from "../access/api-keys.ts";
import { Keys } from "../access/keys.ts";
import { BY_ITSELF } from "../core/actor.ts";
import { LONGEST_TIMER_MS } from "../core/clock.ts";
import { ConfigurationError } from "../core/errors.ts";
import { Audit } from "../engine/audit/audit.ts";
import { AuditTrail } from "../engine/audit/audit-trail.ts";
import { BulkFailures } from "../engine/bulk/bulk-failures.ts";
import { BulkRuns } from "../engine/bulk/bulk-runs.ts";
import { BulkTask, type BulkTaskParts } from "../engine/bulk/bulk-task.ts";
import { Stays } from "../engine/bulk/stays.ts";
import { DOCTOR } from "../engine/doctor/doctor.ts";
import { Engine } from "../engine/engine.ts";
import { Failures } from "../engine/failures/failures.ts";
import { JOBS, Jobs } from "../engine/jobs.ts";
import { startAll, stopAll } from "../engine/part.ts";
import { PublicJobs } from "../engine/public-jobs.ts";
import { publicWorker } from "../engine/public-worker.ts";
import { STATISTICS } from "../engine/statistics/report.ts";
import { INSTRUMENT } from "../observe/instrument.ts";
import { METRICS_TEXT } from "../observe/metrics/metrics-text.ts";
import { subscribe } from "../observe/public-events.ts";
import type { Inner, Posthorn } from "../posthorn-interface.ts";
import { BOX } from "../secrets/box-of.ts";
import { SecretBox } from "../secrets/secret-box.ts";
import type { EndpointKey } from "../store/shelves/endpoints.ts";
import { STORE } from "../store/store-of.ts";
import { Schedules } from "../tasks/schedules.ts";
import { Tasks } from "../tasks/tasks.ts";
import { Threads } from "../tasks/threads/threads.ts";
import { VERSION } from "../version.ts";
import { targetOf } from "../webhooks/accept/delivery-options.ts";
import { Attempts } from "../webhooks/attempts/attempts.ts";
import { EndpointTokens } from "../webhooks/auth/endpoint-tokens.ts";
import { Breakers } from "../webhooks/breaker/breakers.ts";
import { EndpointWatch } from "../webhooks/breaker/endpoint-watch.ts";
import { HeldLanes } from "../webhooks/breaker/held-lanes.ts";
import { DeliverTask } from "../webhooks/deliver-task.ts";
import { CancelTask } from "../webhooks/endpoints/cancel-task.ts";
import { EndpointDeliveries } from "../webhooks/endpoints/endpoint-deliveries.ts";
import { EndpointExchange } from "../webhooks/endpoints/endpoint-exchange.ts";
import { EndpointMessages } from "../webhooks/endpoints/endpoint-messages.ts";
import { EndpointSecrets } from "../webhooks/endpoints/endpoint-secrets.ts";
import { Endpoints } from "../webhooks/endpoints/endpoints.ts";
import { EndpointImport } from "../webhooks/endpoints/import/endpoint-import.ts";
import { ReleaseTask } from "../webhooks/endpoints/release-task.ts";
import { EventTypes } from "../webhooks/event-types/event-types.ts";
import { EventTypeSchemas } from "../webhooks/event-types/schema.ts";
import { EraseTask } from "../webhooks/events/erase-task.ts";
import { Events } from "../webhooks/events/events.ts";
import { Fanouts } from "../webhooks/events/fanouts.ts";
import { SendEvents } from "../webhooks/events/send-events.ts";
import { TypeChecks } from "../webhooks/events/type-checks.ts";
import { Announcements } from "../webhooks/operational/announcements.ts";
import { Announcer } from "../webhooks/operational/announcer.ts";
import { bulkEndings } from "../webhooks/operational/bulk-endings.ts";
import { DeliveryTroubles } from "../webhooks/operational/delivery-troubles.ts";
import { declareOperationalEndpoint } from "../webhooks/operational/operational-endpoint.ts";
import { PortalSessions } from "../webhooks/portal/portal-sessions.ts";
import { RedeliverEvents } from "../webhooks/redeliver/redeliver-event.ts";
import { OLD_REDELIVER_TASK, REDELIVER_TASK } from "../webhooks/redeliver/redeliver-request.ts";
import { endpointOf } from "../webhooks/registry/known-endpoint.ts";
import { Registry } from "../webhooks/registry/registry.ts";
import { BulkPlaces } from "../webhooks/replay/bulk-places.ts";
import { bulkSources } from "../webhooks/replay/bulk-sources.ts";
import { DeliverySecrets } from "../webhooks/signing/delivery-secrets.ts";
import { openServerSecret } from "../webhooks/signing/server-secret.ts";
import { EraseTenantTask } from "../webhooks/tenants/erase-tenant-task.ts";
import { Tenants } from "../webhooks/tenants/tenants.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { observation } from "./observation.ts";
import type { Parts } from "./parts.ts";

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
  const sealed = new EndpointSecrets(box);
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
  const schedules = new Schedules({ shelf: store.schedules, clock, audit, engine });
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
  const events = new Events({ store, secrets, audit });
  const attempts = new Attempts({ store, tenants, endpoints, events, audit });
  const portal = new PortalSessions({ shelf: store.portalSessions, tenants, clock, audit });
  const bulk = new BulkRuns({ store, intake, places, next, clock, audit, instrument, endings });
  const { metrics, reports, doctor, ...observed } = observation(parts, box, () => engine.isDraining);
  if (parts.operational) await declareOperationalEndpoint({ endpoints, sealed }, parts.operational);
  const counting = [...observed.counting, troubles, bulkFailures];
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
      observed.stop();
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
