import { ApiKeys } from "../access/api-keys.ts";
import { Keys } from "../access/keys.ts";
import type { Audit } from "../engine/audit/audit.ts";
import { AuditTrail } from "../engine/audit/audit-trail.ts";
import { DOCTOR } from "../engine/doctor/doctor.ts";
import type { Engine } from "../engine/engine.ts";
import { Failures } from "../engine/failures/failures.ts";
import { Workers } from "../engine/fleet/workers.ts";
import { JOBS, type Jobs } from "../engine/jobs.ts";
import { PublicJobs } from "../engine/public-jobs.ts";
import { STATISTICS } from "../engine/statistics/report.ts";
import { INSTRUMENT } from "../observe/instrument.ts";
import { METRICS_TEXT } from "../observe/metrics/metrics-text.ts";
import { subscribe } from "../observe/public-events.ts";
import type { Inner, Posthorn } from "../posthorn-interface.ts";
import { BOX } from "../secrets/box-of.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import { STORE } from "../store/store-of.ts";
import type { Schedules } from "../tasks/schedules.ts";
import type { Tasks } from "../tasks/tasks.ts";
import { targetOf } from "../webhooks/accept/delivery-options.ts";
import { REQUESTS } from "../webhooks/rebuilt-requests.ts";
import { endpointOf } from "../webhooks/registry/known-endpoint.ts";
import type { Observation } from "./observation.ts";
import type { Parts } from "./parts.ts";
import type { Platform } from "./platform.ts";

interface Around
  extends Pick<Platform, "webhooks" | "bulk" | "requests">,
    Pick<Observation, "metrics" | "reports" | "doctor"> {
  readonly box: SecretBox;
  readonly signingSecret: string;
  readonly audit: Audit;
  readonly engine: Engine;
  readonly jobs: Jobs;
  readonly tasks: Tasks;
  readonly schedules: Schedules;
  close(): Promise<void>;
}

/** A Posthorn as programs hold it, and what its own surfaces find in it. */
export function surface({ store, clock, instrument, drainMs }: Parts, around: Around): Posthorn & Inner {
  const { audit, engine, jobs, tasks, requests, reports, signingSecret } = around;
  const workers = new Workers({ store, clock, audit, own: () => engine.report });
  return {
    [STORE]: store,
    [JOBS]: jobs,
    [INSTRUMENT]: instrument,
    [METRICS_TEXT]: around.metrics,
    [DOCTOR]: around.doctor,
    [STATISTICS]: reports,
    [BOX]: around.box,
    [REQUESTS]: requests,
    webhooks: around.webhooks,
    jobs: new PublicJobs(jobs, {
      destinationOf: (job) => ({ targetUrl: targetOf(job), endpointId: endpointOf(job) }),
      requestOf: (job) => requests.of(job),
    }),
    audit: new AuditTrail(store.audit, audit),
    keys: new ApiKeys(new Keys(store.keys, clock, audit), store),
    bulk: around.bulk,
    failures: new Failures({ ...{ shelf: store.failureGroups, hours: store.failureHours }, clock, audit }),
    tasks,
    schedules: around.schedules,
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
    drain: () => engine.drain(drainMs),
    close: around.close,
  };
}
