import type { Duration } from "../core/duration.ts";
import type { Jsonified } from "../core/json/jsonified.ts";
import type {
  PublicJob as Job,
  PublicRequest as JobRequest,
  PublicStanding as JobStanding,
} from "../core/public-job.ts";
import { type Answer, Caller, pause, retryAfterMs } from "./caller.ts";
import { millisecondsOf } from "./duration.ts";
import { ClientError, refuseOther } from "./errors.ts";
import { hasEnded, type JobAnswer, jobOf, type StandingAnswer, standingOf } from "./job.ts";
import {
  type Accepted,
  type CallOptions,
  type DeliverRequest,
  type EnqueueOptions,
  type SendRequest,
  type SentEvent,
  wireFields,
} from "./requests.ts";

export type { Duration } from "../core/duration.ts";
export type { JobStatus, Progress } from "../core/job.ts";
export type { Jsonified } from "../core/json/jsonified.ts";
export type {
  PublicJob as Job,
  PublicRequest as JobRequest,
  PublicStanding as JobStanding,
} from "../core/public-job.ts";
export type { Uniqueness } from "../core/ties.ts";
export { ClientError, type Problem, ProblemError, type ProblemField, UnreachableError } from "./errors.ts";
export type {
  Accepted,
  CallOptions,
  DeliverRequest,
  EnqueueOptions,
  SendRequest,
  SentEvent,
} from "./requests.ts";

/** What callers need to know of a task: any `TaskDefinition`, imported as a type. */
export interface KnownTask {
  takes?(given: unknown): void;
  readonly gives?: unknown;
}

/** Tasks by their names: `{ "send-receipt": typeof sendReceipt }`. */
export type KnownTasks = Readonly<Record<string, KnownTask>>;

type GivenOf<Known extends KnownTask | undefined> = Known extends {
  readonly takes?: (given: infer Given) => void;
}
  ? Given
  : never;
type ResultOf<Known extends KnownTask | undefined> = Known extends { readonly gives?: infer Result }
  ? Jsonified<Result>
  : unknown;

export interface ClientOptions {
  /** The server's URL, with the path that its API is mounted under, if any: `https://jobs.example.com`. */
  readonly url: string;
  /** An API key of the role `send` (`phk_…`). Leave it out for a server in dev mode. */
  readonly key?: string;
  /** How long one call may take with all its tries; each try gets at most a third of it. Default 30 seconds. */
  readonly timeout?: Duration;
  /** How often a call is tried in all. Default 5; 1 means no retries. */
  readonly tries?: number;
  /** The `fetch` to use. Default: the global one. */
  readonly fetch?: typeof fetch;
}

export interface WaitOptions {
  /** Default 30 seconds. */
  readonly timeout?: Duration;
  readonly signal?: AbortSignal;
}

/** The longest that one request waits: some platforms cut connections that are idle for half a minute. */
const LONGEST_WAIT_SECONDS = 25;

/**
 * Creates a client of a Posthorn server, for programs without access to its database: serverless functions, edge runtimes, other services.
 * It only uses `fetch`, so it runs on Node.js, Deno, Bun and at the edge, but not in a browser, where anyone could read its key.
 * @throws ClientError with the code `configuration` when an option is wrong, or in a browser.
 * @example
 * import { createClient } from "posthorn/client";
 * import type { sendReceipt } from "./tasks.ts"; // its type only: the handler stays on the server
 *
 * const posthorn = createClient<{ "send-receipt": typeof sendReceipt }>({ url: "https://jobs.example.com", key: process.env.POSTHORN_KEY ?? "" });
 * const accepted = await posthorn.enqueue("send-receipt", { orderId: "42" });
 * const { status, result } = await posthorn.wait(accepted);
 */
export function createClient<Tasks extends KnownTasks = Record<string, KnownTask>>(
  options: ClientOptions,
): Client<Tasks> {
  return new Client(options);
}

export class Client<Tasks extends KnownTasks = Record<string, KnownTask>> {
  readonly #caller: Caller;

  /** Use `createClient`. */
  constructor(options: ClientOptions) {
    refuseBrowsers();
    if (typeof options !== "object" || options === null) throw wrong("options must be an object with url");
    const { url, key, timeout = "30s", tries = 5, fetch: given } = options;
    if (!(Number.isInteger(tries) && tries >= 1)) throw wrong("tries must be a whole number of at least 1");
    this.#caller = new Caller({
      url: serverUrl(url),
      key: checkedKey(key),
      timeoutMs: millisecondsOf(timeout, "timeout"),
      tries,
      fetch: given ?? ((input, init) => fetch(input, init)), // the global one may be replaced later, by a test
    });
  }

  /**
   * Enqueues a job of a task: it is on the server's disk when the promise resolves.
   * @throws ProblemError: `invalid_input` names each field that is wrong, `unknown_task`, `unauthorized`, …
   * @throws UnreachableError when no try was answered.
   */
  async enqueue<Name extends keyof Tasks & string>(
    task: Name,
    input: GivenOf<Tasks[Name]>,
    given: EnqueueOptions = {},
  ): Promise<Accepted<ResultOf<Tasks[Name]>>> {
    if (typeof task !== "string") throw new ClientError("invalid_input", "task: must be the name of a task");
    refuseOther(given, "options", 'an object, such as { delay: "10m" }');
    const { idempotencyKey, signal, ...options } = given;
    return this.#accept(
      `/tasks/${encodeURIComponent(task)}`,
      { input, options: wireFields(options) },
      { idempotencyKey, signal },
    );
  }

  /**
   * Accepts one webhook to deliver: signed, and retried until the receiver answers 2xx or the attempts are used up.
   * @throws ProblemError, UnreachableError
   * @example
   * await posthorn.deliver({ targetUrl: "https://hooks.example.com/in", payload: { paid: true } }, { idempotencyKey: "order-42-paid" });
   */
  async deliver(request: DeliverRequest, options: CallOptions = {}): Promise<Accepted> {
    refuseOther(request, "request", "an object with targetUrl and payload");
    return this.#accept("/webhooks/deliver", wireFields(request), options);
  }

  /**
   * Sends an event to every endpoint of its tenant that wants it.
   * @throws ProblemError, UnreachableError
   * @example
   * await posthorn.send({ tenant: "acme", type: "invoice.paid", payload: { id: 42 }, eventId: "invoice-42-paid" });
   */
  async send(request: SendRequest, options: CallOptions = {}): Promise<SentEvent> {
    refuseOther(request, "request", "an object with tenant, type and payload");
    const answer = await this.#post("/webhooks/events", wireFields(request), options);
    const { event_id, jobs, warnings = [] } = answer.body as SentAnswer; // what 202 promises
    return { eventId: event_id, jobs, warnings, replayed: isReplayed(answer) };
  }

  /** Looks up a job as it is now. @throws ProblemError `job_not_found` when no job has the id. */
  async job<Result = unknown>(
    job: string | Accepted<Result>,
    options: Pick<WaitOptions, "signal"> = {},
  ): Promise<Job<Result>> {
    return jobOf((await this.#get(pathOf(job), options)) as JobAnswer); // the API answers nothing else with 200
  }

  /** Why a live job waits, or where and until when it runs. The key must not be bound to a tenant. @throws ProblemError, as from `job`. */
  async standing(job: string | Accepted, options: Pick<WaitOptions, "signal"> = {}): Promise<JobStanding> {
    return standingOf((await this.#get(`${pathOf(job)}/standing`, options)) as StandingAnswer); // as above
  }

  /**
   * The request of a delivery, rebuilt as it would be sent now, without its signature. The values of headers that may be secrets are null.
   * @throws ProblemError `nothing_to_send` for a job that is not a delivery, or whose endpoint or payload is gone.
   */
  async request(job: string | Accepted, options: Pick<WaitOptions, "signal"> = {}): Promise<JobRequest> {
    return (await this.#get(`${pathOf(job)}/request`, options)) as JobRequest; // as above
  }

  /** Waits for a job, and returns it once it has ended, or as it is when the time is up: check its `status`. */
  async wait<Result = unknown>(
    job: string | Accepted<Result>,
    options: WaitOptions = {},
  ): Promise<Job<Result>> {
    refuseOther(options, "options", "an object with timeout and signal");
    const { timeout = "30s", signal } = options;
    const end = Date.now() + millisecondsOf(timeout, "timeout");
    for (;;) {
      const leftMs = Math.max(0, end - Date.now());
      const seconds = Math.min(LONGEST_WAIT_SECONDS, Math.ceil(leftMs / 1e3));
      const { headers, body } = await this.#caller.ask({
        method: "GET",
        path: pathOf(job),
        headers: { prefer: `wait=${seconds}` },
        waitsMs: seconds * 1e3,
        signal,
      });
      const found = jobOf<Result>(body as JobAnswer); // as above
      if (hasEnded(found) || Date.now() >= end) return found;
      // a server that is busy, or about to stop, does not wait
      if (!headers.has("preference-applied"))
        await pause(Math.min(retryAfterMs(headers) ?? 1e3, end - Date.now()), signal);
    }
  }

  async #get(path: string, options: Pick<WaitOptions, "signal">): Promise<unknown> {
    refuseOther(options, "options", "an object with signal");
    return (await this.#caller.ask({ method: "GET", path, signal: options.signal })).body;
  }

  async #accept<Result>(path: string, body: unknown, options: AcceptOptions): Promise<Accepted<Result>> {
    const answer = await this.#post(path, body, options);
    const { job_id, existing = false } = answer.body as { job_id: string; existing?: boolean }; // what 202 promises
    return { jobId: job_id, replayed: isReplayed(answer), existing };
  }

  async #post(path: string, body: unknown, options: AcceptOptions): Promise<Answer> {
    refuseOther(options, "options", "an object with idempotencyKey and signal");
    const { idempotencyKey, signal } = options;
    return this.#caller.ask({
      method: "POST",
      path,
      body: jsonOf(body),
      headers: { "idempotency-key": JSON.stringify(idempotencyKey ?? crypto.randomUUID()) },
      signal,
    });
  }
}

interface SentAnswer {
  readonly event_id: string;
  readonly jobs: number;
  readonly warnings?: readonly string[];
}

function isReplayed({ headers }: Answer): boolean {
  return headers.get("idempotent-replayed") === "true";
}

interface AcceptOptions {
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

function pathOf(job: string | Accepted): string {
  const id = typeof job === "string" ? job : job?.jobId;
  if (typeof id === "string") return `/jobs/${encodeURIComponent(id)}`;
  throw new ClientError("invalid_input", "job: must be the id of a job, or what enqueue returned");
}

function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("invalid_input", `the request cannot be written as JSON: ${why}`, { cause });
  }
}

function serverUrl(given: string): string {
  const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw wrong("url must be the server's address, such as https://jobs.example.com");
  return url.href.replace(/\/+$/, "");
}

function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined || (typeof key === "string" && /^[\w.~+/=-]+$/.test(key))) return key;
  throw wrong("key must be an API key: phk_…");
}

/** Every browser, and nothing else that has `fetch`, calls itself Mozilla. */
function refuseBrowsers(): void {
  const { document, navigator } = globalThis as { document?: unknown; navigator?: { userAgent?: string } }; // not there on servers
  if (document !== undefined || navigator?.userAgent?.startsWith("Mozilla/"))
    throw wrong(
      "posthorn/client does not run in a browser, where anyone could read its API key: call your own server, and let it call Posthorn",
    );
}

function wrong(detail: string): ClientError {
  return new ClientError("configuration", detail);
}
