import { availableParallelism } from "node:os";
import { ApiKeys } from "../access/api-keys.ts";
import { Keys } from "../access/keys.ts";
import { BY_ITSELF } from "../core/actor.ts";
import { ConfigurationError } from "../core/errors.ts";
import { PayloadTags } from "../core/json/payload-tags.ts";
import { Audit } from "../engine/audit/audit.ts";
import { AuditTrail } from "../engine/audit/audit-trail.ts";
import { DOCTOR } from "../engine/doctor/doctor.ts";
import { Engine } from "../engine/engine.ts";
import { Failures } from "../engine/failures/failures.ts";
import { Workers } from "../engine/fleet/workers.ts";
import { JOBS, Jobs } from "../engine/jobs.ts";
import { PublicJobs } from "../engine/public-jobs.ts";
import { STATISTICS } from "../engine/statistics/report.ts";
import { INSTRUMENT } from "../observe/instrument.ts";
import { METRICS_TEXT } from "../observe/metrics/metrics-text.ts";
import { subscribe } from "../observe/public-events.ts";
import type { Inner, Posthorn } from "../posthorn-interface.ts";
import { BOX } from "../secrets/box-of.ts";
import { SecretBox } from "../secrets/secret-box.ts";
import { STORE } from "../store/store-of.ts";
import { Schedules } from "../tasks/schedules.ts";
import { Tasks } from "../tasks/tasks.ts";
import { Threads } from "../tasks/threads/threads.ts";
import { VERSION } from "../version.ts";
import { targetOf } from "../webhooks/accept/delivery-options.ts";
import { declareOperationalEndpoint } from "../webhooks/operational/operational-endpoint.ts";
import { REQUESTS } from "../webhooks/rebuilt-requests.ts";
import { endpointOf } from "../webhooks/registry/known-endpoint.ts";
import { openServerSecret } from "../webhooks/signing/server-secret.ts";
import { delivering } from "./delivering.ts";
import { observation } from "./observation.ts";
import type { Parts } from "./parts.ts";
import { platform } from "./platform.ts";
import { work } from "./work.ts";

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
  const { store, clock, log, instrument } = parts;
  const box = SecretBox.open(parts.masterKey);
  const signingSecret = await openServerSecret(store.secrets, box);
  const audit = new Audit({ shelf: store.audit, clock, instrument });
  const deliveries = delivering(parts, {
    ...{ box, signingSecret },
    engine: () => engine,
    disable: ({ tenant, id }, reason) =>
      endpoints.disable(tenant, id, {}, { actor: BY_ITSELF, reason }).then(
        () => {},
        (error: unknown) => instrument["step.failed"].publish({ step: "watch endpoints", error }),
      ),
  });
  const engine: Engine = new Engine({
    ...{ store, clock, log, instrument, tasks: deliveries.tasks, version: VERSION },
    ...{ retention: parts.retention, concurrency: parts.concurrency, attemptTraces: parts.attemptTraces },
    idempotency: { keyRetentionMs: parts.keyRetentionMs, duplicateKeys: parts.duplicateKeys },
    ...(parts.random && { random: parts.random }),
  });
  const jobs = new Jobs(store, engine, audit);
  const threads = new Threads(availableParallelism(), ({ error, job }) =>
    instrument["error.left behind"].publish({ error, jobId: job?.id, task: job?.task }),
  );
  const tasks = new Tasks({
    engine,
    clock,
    jobs,
    threads,
    payloadTags: parts.payloadTags ?? PayloadTags.none,
  });
  for (const definition of listOf(parts.tasks, "tasks")) tasks.add(definition);
  const schedules = new Schedules({ shelf: store.schedules, clock, audit, engine });
  for (const definition of listOf(parts.schedules, "schedules")) await schedules.declare(definition);
  const { webhooks, bulk, endpoints, requests, fanouts, watch, announcer, ...background } = platform(
    parts,
    deliveries,
    engine,
    audit,
  );
  const { metrics, reports, doctor, ...observed } = observation(parts, box, () => engine.isDraining);
  if (parts.operational)
    await declareOperationalEndpoint({ endpoints, sealed: deliveries.sealed }, parts.operational);
  const close = await work(parts, {
    ...{ engine, endpoints, threads, observed, watch },
    counting: [...observed.counting, ...background.counting],
    feeding: [fanouts, doctor, announcer],
  });
  const workers = new Workers({ store, clock, audit, own: () => engine.report });
  const posthorn: Posthorn & Inner = {
    [STORE]: store,
    [JOBS]: jobs,
    [INSTRUMENT]: instrument,
    [METRICS_TEXT]: metrics,
    [DOCTOR]: doctor,
    [STATISTICS]: reports,
    [BOX]: box,
    [REQUESTS]: requests,
    webhooks,
    jobs: new PublicJobs(jobs, {
      destinationOf: (job) => ({ targetUrl: targetOf(job), endpointId: endpointOf(job) }),
      requestOf: (job) => requests.of(job),
    }),
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
    workers: () => workers.list(),
    drainWorker: (id, by) => workers.drain(id, by),
    stats: (options) => reports.asked(options),
    async prune(by) {
      await audit.note(by, { action: "database.prune", target: "database" });
      return engine.prune();
    },
    signingSecret: () => signingSecret,
    drain: () => engine.drain(parts.drainMs),
    close,
  };
  return posthorn;
}
