import { ManualClock } from "../../core/clock.ts";
import { JobNotFoundError, JobStateError, NotFoundError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import type { Attempt, Job } from "../../core/job.ts";
import type { Accepted, Idempotency } from "../../engine/intake/intake.ts";
import { JOBS } from "../../engine/jobs.ts";
import { type PublicWorker, publicWorker } from "../../engine/public-worker.ts";
import type { PruneResult } from "../../engine/retention/pruner.ts";
import { INSTRUMENT, Instrument } from "../../observe/instrument.ts";
import type { LogFields } from "../../observe/log.ts";
import { writeLogLines } from "../../observe/log-lines.ts";
import { Outage } from "../../observe/outage.ts";
import type {
  AttemptPage,
  Group,
  JobFilter,
  JobPage,
  Page,
  SearchedTo,
  SiftedPage,
} from "../../store/job-records.ts";
import type { Schedule } from "../../store/shelves/schedules.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
import type { EnqueueOptions } from "../../tasks/enqueue-options.ts";
import { newJobOf } from "../../tasks/new-job.ts";
import { type PublicSchedule, publicSchedule } from "../../tasks/public-schedule.ts";
import type { TaskDefinition } from "../../tasks/task-definition.ts";
import type { DeliverRequest } from "../../webhooks/accept/deliver-request.ts";
import type { RedeliverRequest } from "../../webhooks/redeliver/redeliver-request.ts";
import { type App, createApp } from "../app.ts";
import type { AppOptions } from "../app-options.ts";
import type { Facade } from "../facade.ts";

export const JOB_ID = "job_01k9zq3v7n8r2m4w6x8y0z1a3b";
export const OTHER_ID = "job_01k9zq3v7n8r2m4w6x8y0z1a3c";
export const NOW = 1_900_000_000_000;

export function jobOf(given: Partial<Job> = {}): Job {
  return {
    id: JOB_ID,
    task: "webhook.deliver",
    lane: "https://example.com/hooks",
    status: "queued",
    attempts: 0,
    maxAttempts: 10,
    options: '{"targetUrl":"https://example.com/hooks?k=1"}',
    createdAt: NOW,
    startedAt: null,
    finishedAt: null,
    runAt: NOW,
    heldBy: null,
    result: null,
    error: null,
    durationMs: null,
    progress: null,
    ties: undefined,
    origin: undefined,
    ...given,
  };
}

export const ENDED = jobOf({
  status: "succeeded",
  attempts: 1,
  startedAt: NOW + 2,
  finishedAt: NOW + 40,
  runAt: null,
  result: '{"delivered_to":"https://example.com/hooks?k=1","http_status":200,"duration_ms":38}',
});

/** A Posthorn that records what it is asked, and answers what the test says. Replace a method to make it throw or wait. */
export class FakePosthorn implements Facade {
  readonly instrument = new Instrument();
  readonly [INSTRUMENT] = this.instrument;
  readonly delivered: { request: DeliverRequest; idempotency: Idempotency | undefined }[] = [];
  readonly redelivered: { request: RedeliverRequest; idempotency: Idempotency | undefined }[] = [];
  searchedTo: SearchedTo | null = null;
  readonly lists: { filter: JobFilter; page: Page }[] = [];
  readonly attemptLists: { id: string; page: AttemptPage }[] = [];
  readonly enqueued: Enqueued[] = [];
  readonly watching = new Map<string, Set<() => void>>();
  known: TaskDefinition[] = [];
  kept: Job[] = [jobOf()];
  groups: Group[] = [];
  schedulesKept: Schedule[] = [];
  workersKept: WorkerRecord[] = [];
  attemptsKept: Attempt[] = [];
  accepted: Accepted = { jobId: JOB_ID, replayed: false, existing: false };

  readonly webhooks = {
    deliver: async (request: DeliverRequest, idempotency?: Idempotency): Promise<Accepted> => {
      this.delivered.push({ request, idempotency });
      return this.accepted;
    },
    redeliverMany: async (request: RedeliverRequest, idempotency?: Idempotency): Promise<Accepted> => {
      this.redelivered.push({ request, idempotency });
      return this.accepted;
    },
    retryMany: (request: RedeliverRequest, idempotency?: Idempotency): Promise<Accepted> =>
      this.webhooks.redeliverMany(request, idempotency),
    send: () => Promise.reject(new NotFoundError("tenant", "nobody")),
    redeliver: () => Promise.reject(new NotFoundError("tenant", "nobody")),
    tenants: nothing<Facade["webhooks"]["tenants"]>("tenant"),
    endpoints: nothing<Facade["webhooks"]["endpoints"]>("endpoint"),
    eventTypes: nothing<Facade["webhooks"]["eventTypes"]>("event_type"),
    events: nothing<Facade["webhooks"]["events"]>("event"),
    attempts: nothing<Facade["webhooks"]["attempts"]>("attempt"),
    portal: nothing<Facade["webhooks"]["portal"]>("tenant"),
  };

  readonly bulk = nothing<Facade["bulk"]>("bulk_run");

  readonly tasks = {
    find: (name: string) => this.known.find((task) => task.name === name),
    list: () => this.known,
    enqueue: async (
      task: TaskDefinition<never, never, never>,
      input: unknown,
      options: EnqueueOptions = {},
      idempotency?: Idempotency,
    ): Promise<Accepted> => {
      await newJobOf(task, input, options, NOW); // refuses what the library does
      this.enqueued.push({ task: task.name, input, options, idempotency });
      return this.accepted;
    },
  };

  readonly jobs = {
    get: async (id: string): Promise<Job> => {
      const job = this.kept.find((each) => each.id === id);
      if (!job) throw new JobNotFoundError(id);
      return job;
    },
    input: async (id: string): Promise<string> => {
      await this.jobs.get(id);
      return '{"order":1.0}';
    },
    page: async (filter: JobFilter, page: Page): Promise<JobPage> => {
      this.lists.push({ filter, page });
      return { jobs: this.kept.slice(0, page.limit), searchedTo: this.searchedTo };
    },
    search: async (filter: JobFilter, page: Page): Promise<SiftedPage> => {
      const found = await this.jobs.page(filter, page);
      return { ...found, lookedAt: this.kept.length, places: found.jobs.map((_, at) => at + 1) };
    },
    delivering: async (): Promise<ReadonlyMap<string, Job>> => new Map(),
    attempts: async (id: string, page: AttemptPage): Promise<Attempt[]> => {
      await this.jobs.get(id);
      this.attemptLists.push({ id, page });
      return this.attemptsKept.slice(0, page.limit);
    },
    standing: async (): Promise<undefined> => undefined,
    rerun: async (id: string): Promise<void> => {
      const { status } = await this.jobs.get(id);
      if (status !== "failed" && status !== "queued") throw new JobStateError(`the job is ${status}`);
    },
    retry: async (id: string): Promise<void> => {
      const { status } = await this.jobs.get(id);
      if (status !== "failed") throw new JobStateError(`the job is ${status}`);
    },
    cancel: async (id: string): Promise<void> => {
      const job = await this.jobs.get(id);
      if (job.status !== "queued") throw new JobStateError(`the job is already ${job.status}`);
      this.kept = this.kept.map((each) => (each === job ? { ...job, status: "cancelled" } : each));
    },
    watch: (id: string, changed: () => void): (() => void) => {
      const watching = this.watching.get(id) ?? new Set();
      this.watching.set(id, watching.add(changed));
      return () => void watching.delete(changed);
    },
    group: async (id: string): Promise<Group | undefined> => this.groups.find((group) => group.id === id),
    waitUntilEnded: (id: string, _ms: number, _signal?: AbortSignal): Promise<Job> => this.jobs.get(id),
  };

  readonly [JOBS] = this.jobs;

  readonly keys = {
    create: () => Promise.reject(new NotFoundError("tenant", "nobody")),
    list: async () => [],
    revoke: (id: string) => Promise.reject(new NotFoundError("key", id)),
  };

  readonly failures = {
    list: async () => ({ data: [], nextCursor: null, prevCursor: null }),
    get: async (fingerprint: string) => Promise.reject(new NotFoundError("failure_group", fingerprint)),
    update: async (fingerprint: string) => Promise.reject(new NotFoundError("failure_group", fingerprint)),
  };

  readonly audit = {
    list: async () => ({ data: [], nextCursor: null, prevCursor: null, isComplete: true, searchedTo: null }),
    revealed: async () => {},
    exported: async () => {},
    backedUp: async () => {},
  };

  readonly schedules = {
    list: async (): Promise<PublicSchedule[]> => this.schedulesKept.map(publicSchedule),
    pause: (name: string) => this.#setPaused(name, true),
    resume: (name: string) => this.#setPaused(name, false),
    pauseAll: () => this.#setAllPaused(true),
    resumeAll: () => this.#setAllPaused(false),
    run: async (name: string) =>
      this.schedulesKept.some((schedule) => schedule.name === name)
        ? { jobId: newId("job"), existing: false }
        : undefined,
    remove: async (name: string): Promise<boolean> => {
      const before = this.schedulesKept.length;
      this.schedulesKept = this.schedulesKept.filter((schedule) => schedule.name !== name);
      return this.schedulesKept.length < before;
    },
  };

  isDraining = false;
  check = async (): Promise<void> => {};
  readonly prune = async (): Promise<PruneResult> => ({ pruned: {}, isComplete: true });

  readonly workers = async (): Promise<PublicWorker[]> =>
    this.workersKept.map((worker) => publicWorker(worker, undefined, worker.deadline));
  readonly drainWorker = async (id: string): Promise<PublicWorker> => {
    const found = (await this.workers()).find((worker) => worker.id === id);
    if (!found) throw new NotFoundError("worker", id);
    return found;
  };

  /** The job is this from now on, and its watchers are told. */
  change(job: Job): void {
    this.kept = this.kept.map((each) => (each.id === job.id ? job : each));
    for (const changed of this.watching.get(job.id) ?? []) changed();
  }

  async #setAllPaused(paused: boolean): Promise<PublicSchedule[]> {
    const others = this.schedulesKept.filter((each) => each.paused !== paused);
    await Promise.all(others.map(({ name }) => this.#setPaused(name, paused)));
    return others.map((each) => publicSchedule({ ...each, paused }));
  }

  async #setPaused(name: string, paused: boolean): Promise<PublicSchedule | undefined> {
    this.schedulesKept = this.schedulesKept.map((each) => (each.name === name ? { ...each, paused } : each));
    const found = this.schedulesKept.find((schedule) => schedule.name === name);
    return found && publicSchedule(found);
  }
}

/** A service with nothing in it: whatever is asked of it is not found. */
function nothing<Of extends object>(what: string): Of {
  const get = () => () => Promise.reject(new NotFoundError(what, "nobody"));
  return new Proxy({}, { get }) as Of; // has every method, and none of them answers
}

interface Enqueued {
  readonly task: string;
  readonly input: unknown;
  readonly options: EnqueueOptions;
  readonly idempotency: Idempotency | undefined;
}

/** A job that does not end while anyone waits for it. */
export function unending(signal: AbortSignal | undefined): Promise<Job> {
  const { promise, resolve } = Promise.withResolvers<Job>();
  signal?.addEventListener("abort", () => resolve(jobOf({ status: "running" })));
  return promise;
}

export interface LogLine {
  readonly fields: LogFields;
  readonly message: string;
}

export interface TestApp {
  readonly posthorn: FakePosthorn;
  readonly app: App;
  readonly logged: LogLine[];
  readonly clock: ManualClock;
  /** Asks the app as a loopback client does. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Posts a JSON body: a string as it is, anything else serialised. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The app in dev mode over a fake Posthorn, and what it logged. */
export function testApp(options: Partial<AppOptions> = {}): TestApp {
  const posthorn = new FakePosthorn();
  const logged: LogLine[] = [];
  const line = (fields: LogFields, message: string) => void logged.push({ fields, message });
  const clock = new ManualClock(NOW);
  writeLogLines(posthorn.instrument, { info: line, warn: line, error: line });
  new Outage(posthorn.instrument, clock, () => posthorn.check()).start();
  const app = createApp(posthorn, { access: { mode: "dev" }, clock, ...options });
  const ask = async (path: string, init?: RequestInit) =>
    app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { posthorn, app, logged, clock, ask, post };
}
