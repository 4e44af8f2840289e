import { ManualClock } from "../../core/clock.ts";
import { JobNotFoundError, JobStateError } from "../../core/errors.ts";
import type { Attempt, Job } from "../../core/job.ts";
import type { LogFields } from "../../observe/log.ts";
import type { AttemptPage, JobFilter, Page } from "../../store/store.ts";
import type { Accepted, Idempotency } from "../../tasks/intake.ts";
import type { DeliverRequest } from "../../webhooks/deliver-request.ts";
import type { RetryRequest } from "../../webhooks/retry-request.ts";
import { type App, type AppOptions, createApp } from "../app.ts";
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
    result: null,
    error: null,
    progress: null,
    ties: undefined,
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

/** A Posthorn that keeps what it is asked, and answers what the test says. Replace a method to make it throw or wait. */
export class FakePosthorn implements Facade {
  readonly delivered: { request: DeliverRequest; idempotency: Idempotency | undefined }[] = [];
  readonly retried: { request: RetryRequest; idempotency: Idempotency | undefined }[] = [];
  readonly lists: { filter: JobFilter; page: Page }[] = [];
  readonly attemptLists: { id: string; page: AttemptPage }[] = [];
  kept: Job[] = [jobOf()];
  attemptsKept: Attempt[] = [];
  accepted: Accepted = { jobId: JOB_ID, replayed: false, existing: false };

  readonly webhooks = {
    deliver: async (request: DeliverRequest, idempotency?: Idempotency): Promise<Accepted> => {
      this.delivered.push({ request, idempotency });
      return this.accepted;
    },
    retryMany: async (request: RetryRequest, idempotency?: Idempotency): Promise<Accepted> => {
      this.retried.push({ request, idempotency });
      return this.accepted;
    },
  };

  readonly jobs = {
    get: async (id: string): Promise<Job> => {
      const job = this.kept.find((each) => each.id === id);
      if (!job) throw new JobNotFoundError(id);
      return job;
    },
    list: async (filter: JobFilter, page: Page): Promise<Job[]> => {
      this.lists.push({ filter, page });
      return this.kept.slice(0, page.limit);
    },
    attempts: async (id: string, page: AttemptPage): Promise<Attempt[]> => {
      await this.jobs.get(id);
      this.attemptLists.push({ id, page });
      return this.attemptsKept.slice(0, page.limit);
    },
    retry: async (id: string): Promise<void> => {
      const { status } = await this.jobs.get(id);
      if (status !== "failed") throw new JobStateError(`the job is ${status}`);
    },
    cancel: async (id: string): Promise<void> => {
      const job = await this.jobs.get(id);
      if (job.status !== "queued") throw new JobStateError(`the job is ${job.status} already`);
      this.kept = this.kept.map((each) => (each === job ? { ...job, status: "cancelled" } : each));
    },
    waitUntilEnded: (id: string, _ms: number, _signal?: AbortSignal): Promise<Job> => this.jobs.get(id),
  };

  readonly store = { check: async (): Promise<void> => {} };
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
  /** Posts a JSON body: text as it is, anything else written out. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The app in dev mode over a fake, and what it logged. */
export function testApp(options: Partial<AppOptions> = {}): TestApp {
  const posthorn = new FakePosthorn();
  const logged: LogLine[] = [];
  const line = (fields: LogFields, message: string) => void logged.push({ fields, message });
  const clock = new ManualClock(NOW);
  const log = { info: line, warn: line, error: line };
  const app = createApp(posthorn, { access: { mode: "dev" }, log, clock, ...options });
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
