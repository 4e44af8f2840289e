import { availableParallelism } from "node:os";
import { type Clock, systemClock } from "./core/clock.ts";
import { type Duration, parseDuration } from "./core/duration.ts";
import { ConfigurationError } from "./core/errors.ts";
import { Engine } from "./engine/engine.ts";
import { Jobs } from "./engine/jobs.ts";
import { createLog, type Log } from "./observe/log.ts";
import { keyFileBase, openStore } from "./open-store.ts";
import type { Store } from "./store/store.ts";
import { Intake } from "./tasks/intake.ts";
import type { ScheduleDefinition } from "./tasks/schedule.ts";
import { Schedules } from "./tasks/schedules.ts";
import type { TaskDefinition } from "./tasks/task-definition.ts";
import { Tasks } from "./tasks/tasks.ts";
import { Threads } from "./tasks/threads.ts";
import { VERSION } from "./version.ts";
import { DeliverTask } from "./webhooks/deliver-task.ts";
import { DeliverySecrets } from "./webhooks/delivery-secrets.ts";
import { loadMasterKey } from "./webhooks/master-key.ts";
import { RetryTask } from "./webhooks/retry-task.ts";
import { SecretBox } from "./webhooks/secret-box.ts";
import { Sender } from "./webhooks/send.ts";
import { hasServerSecret, openServerSecret } from "./webhooks/server-secret.ts";
import { TargetPolicy } from "./webhooks/targets/target-policy.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

export type { Duration } from "./core/duration.ts";
export * from "./core/errors.ts";
export type { SettledGroup, SettledJob } from "./core/follow-up.ts";
export type { Attempt, AttemptOutcome, Job, JobStatus, Progress } from "./core/job.ts";
export type { Jobs } from "./engine/jobs.ts";
export type { Log } from "./observe/log.ts";
export type { Group, JobFilter, Page, Schedule } from "./store/store.ts";
export {
  type BackgroundCounts,
  BackgroundRunner,
  type BackgroundRunnerOptions,
  type Undone,
} from "./tasks/background-runner.ts";
export { BackgroundTasks } from "./tasks/background-tasks.ts";
export { type EnqueueOptions, request, type TaskRequest } from "./tasks/enqueue-options.ts";
export type { Accepted, Idempotency } from "./tasks/intake.ts";
export {
  type Discard,
  discard,
  type HandlerOutcome,
  type RetryAt,
  retryAt,
  type Snooze,
  snooze,
} from "./tasks/outcomes.ts";
export { type ScheduleDefinition, type ScheduleOptions, schedule } from "./tasks/schedule.ts";
export type { Schedules } from "./tasks/schedules.ts";
export { task } from "./tasks/task.ts";
export type {
  Backoff,
  InputOf,
  LaneLimitOptions,
  ResultOf,
  RetryOptions,
  TaskContext,
  TaskDefinition,
  TaskJob,
  TaskOptions,
} from "./tasks/task-definition.ts";
export type { ManyEnqueued, TaskResult, Tasks } from "./tasks/tasks.ts";
export { type DeliverRequest, JsonText } from "./webhooks/deliver-request.ts";
export type { RetryRequest } from "./webhooks/retry-request.ts";
export type { Webhooks } from "./webhooks/webhooks.ts";

export interface PosthornOptions {
  /**
   * The SQLite file, made when it does not exist; or `postgres://…`, in whose database Posthorn makes a schema of its own. Of several
   * hosts with commas between, the one that takes writes is used.
   */
  readonly database: string;
  /** The tasks of this program: handled when they have a handler, and known by name to `POST /tasks/{name}`. */
  readonly tasks?: readonly TaskDefinition[];
  /** Recurring jobs. Every process may declare the same. */
  readonly schedules?: readonly ScheduleDefinition[];
  /** How many handlers, deliveries among them, run at once. Default 64, from 1 to 1000. */
  readonly concurrency?: number;
  /** `false`: accepts and looks up, runs nothing. Default true: it works, and keeps the process alive, until it is closed. */
  readonly worker?: boolean;
  /** Targets to let through although they are not public: CIDRs, addresses, host names, `*.` names. Default none. */
  readonly allowTargets?: readonly string[];
  /** 32 bytes in base64, which secrets are encrypted under. Default: `POSTHORN_MASTER_KEY`, else a key file beside the database. */
  readonly masterKey?: string;
  /** How long finished jobs are kept. Default 30 days. */
  readonly retainJobs?: Duration;
  /** How long idempotency keys are remembered. Default 24 hours. */
  readonly retainKeys?: Duration;
  /** What a second request with one idempotency key gets: the first answer, or DuplicateKeyError. Default `replay`. */
  readonly duplicateKeys?: "replay" | "reject";
  /** New jobs are refused once the database holds this many bytes. Default: no limit but the disk's. */
  readonly maxDatabaseBytes?: number;
  /** How long `close` waits for what runs. Default 30 seconds. */
  readonly drainTimeout?: Duration;
  /** Default: JSON lines on standard error, from `info`. */
  readonly log?: Log;
}

/** An open database with what works on it. */
export interface Posthorn {
  readonly webhooks: Webhooks;
  readonly jobs: Jobs;
  readonly tasks: Tasks;
  readonly schedules: Schedules;
  /** Short for `tasks.enqueue`, `tasks.enqueueMany`, `tasks.work` and `tasks.result`. */
  readonly enqueue: Tasks["enqueue"];
  readonly enqueueMany: Tasks["enqueueMany"];
  readonly work: Tasks["work"];
  readonly result: Tasks["result"];
  /** For building on; its contract may still change. */
  readonly store: Store;
  readonly clock: Clock;
  /** What deliveries are signed with when they bring no secret of their own: `whsec_…`. */
  signingSecret(): string;
  /**
   * Begins no more jobs, waits for what runs (`drainTimeout`), and gives the rest back to be run after the next start. Jobs
   * are still accepted and looked up. Idempotent.
   */
  drain(): Promise<void>;
  /** Drains, then accepts nothing more and closes the database. Idempotent. */
  close(): Promise<void>;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_CONCURRENCY = 64;
const MAX_CONCURRENCY = 1_000;
const DEFAULT_RETAIN_JOBS = "30d";
const DEFAULT_RETAIN_KEYS = "24h";
const DEFAULT_DRAIN_TIMEOUT = "30s";

/**
 * Opens a database and begins to work.
 * @throws ConfigurationError, InvalidInputError for an option that is wrong; StoreUnusableError, StoreUnavailableError for the database.
 * @example
 * const posthorn = await openPosthorn({ database: "app.db" });
 * const { jobId } = await posthorn.webhooks.deliver({ targetUrl: "https://hooks.example.com/in", payload: { paid: true } });
 * await posthorn.close();
 */
export async function openPosthorn(options: PosthornOptions): Promise<Posthorn> {
  const { database, worker = true, allowTargets = [], duplicateKeys = "replay", log = createLog() } = options;
  if (typeof database !== "string" || database === "") {
    throw new ConfigurationError("database has to name the SQLite file to keep jobs in, or be postgres://…");
  }
  const concurrency = checkedConcurrency(options.concurrency ?? DEFAULT_CONCURRENCY);
  const jobsMs = parseDuration(options.retainJobs ?? DEFAULT_RETAIN_JOBS, ["retainJobs"]);
  const keyRetentionMs = parseDuration(options.retainKeys ?? DEFAULT_RETAIN_KEYS, ["retainKeys"]);
  const drainMs = parseDuration(options.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT, ["drainTimeout"]);
  const policy = new TargetPolicy({ allow: allowTargets });
  const clock = systemClock;

  const store = await openStore(database, {
    maxBytes: options.maxDatabaseBytes,
    onTrouble: (error) =>
      log.warn({ err: error }, "the database's notices were interrupted; connecting again"),
  });
  try {
    const masterKey = loadMasterKey({
      env: options.masterKey ?? (process.env.POSTHORN_MASTER_KEY || undefined),
      database: keyFileBase(database),
      isNeeded: await hasServerSecret(store),
    });
    const box = SecretBox.open(masterKey);
    const signingSecret = await openServerSecret(store, box);
    const secrets = new DeliverySecrets(box, signingSecret);
    const sender = new Sender({ policy, connections: concurrency });
    const engine = new Engine({
      store,
      tasks: [
        new DeliverTask({ sender, secrets, clock, version: VERSION }),
        new RetryTask({ store, clock, wake: () => engine.wake() }),
      ],
      retention: { jobsMs },
      concurrency,
      clock,
      log,
      version: VERSION,
    });
    const jobs = new Jobs(store, engine);
    const intake = new Intake({ sink: engine, keyRetentionMs, duplicateKeys });
    const threads = new Threads(availableParallelism());
    const tasks = new Tasks({ engine, intake, clock, jobs, threads });
    for (const definition of options.tasks ?? []) tasks.add(definition);
    const schedules = new Schedules(engine, store, clock);
    for (const definition of options.schedules ?? []) await schedules.declare(definition);
    if (worker) await engine.start();
    else engine.watch();
    // a program that only works waits for jobs, and should not end for want of anything else to do
    const keepAlive = worker ? setInterval(() => {}, LONGEST_TIMER_MS) : undefined;

    let closing: Promise<void> | undefined;
    const closeAll = async () => {
      try {
        await engine.stop(drainMs);
      } finally {
        clearInterval(keepAlive);
        await Promise.allSettled([sender.close(), threads.close()]);
        await store.close();
      }
    };
    return {
      webhooks: new Webhooks({ intake, policy, secrets, clock }),
      jobs,
      tasks,
      schedules,
      enqueue: tasks.enqueue.bind(tasks) as Tasks["enqueue"],
      enqueueMany: tasks.enqueueMany.bind(tasks),
      work: tasks.work.bind(tasks) as Tasks["work"],
      result: tasks.result.bind(tasks) as Tasks["result"],
      store,
      clock,
      signingSecret: () => signingSecret,
      drain: () => engine.drain(drainMs),
      close: () => {
        closing ??= closeAll();
        return closing;
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function checkedConcurrency(concurrency: number): number {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY) return concurrency;
  throw new ConfigurationError(
    `concurrency (--concurrency) is ${concurrency}; it takes a whole number from 1 to ${MAX_CONCURRENCY}`,
  );
}
