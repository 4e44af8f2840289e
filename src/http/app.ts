import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import type { Keys } from "../access/keys.ts";
import type { Clock } from "../core/clock.ts";
import { doctorOf } from "../engine/doctor/doctor.ts";
import { jobsOf } from "../engine/jobs.ts";
import { statisticsOf } from "../engine/statistics/report.ts";
import { instrumentOf } from "../observe/instrument.ts";
import { metricsOf } from "../observe/metrics/metrics-text.ts";
import { boxOf } from "../secrets/box-of.ts";
import { requestsOf } from "../webhooks/rebuilt-requests.ts";
import { admits } from "./access/admits.ts";
import { devGate } from "./access/dev-gate.ts";
import { type EventRateOptions, EventRates } from "./access/event-rates.ts";
import { SessionGate } from "./access/session-gate.ts";
import { SessionRates } from "./access/session-rates.ts";
import { LargeAnswers } from "./answer/large-answers.ts";
import { consoleOf } from "./console/console.ts";
import { Inbox } from "./console/inbox.ts";
import { inboxRoutes } from "./console/inbox-routes.ts";
import type { Authorize } from "./console/visitors.ts";
import { Doorway } from "./doorway.ts";
import type { Facade, Served } from "./facade.ts";
import { Live } from "./live/live.ts";
import type { Logo } from "./pages/logo.ts";
import { RedactedAnswers } from "./redaction/redacted-answers.ts";
import { RedactionPaths } from "./redaction/redaction-paths.ts";
import { BasePath } from "./request/base-path.ts";
import { BodyReader } from "./request/body.ts";
import type { SentBy } from "./request/incoming.ts";
import type { Route } from "./route.ts";
import { routed } from "./routed.ts";
import { apiRoutes } from "./routes.ts";
import { SvixGate, type SvixTokenOptions } from "./svix/caller.ts";
import { SvixApi } from "./svix/svix-api.ts";

export interface AppOptions {
  /**
   * `dev`: no key, but only loopback's Host and Origin. `keys`: an API key on every route except the health checks
   * and /docs. `cli`: nothing, for requests that a command makes within its own process.
   */
  readonly access:
    | { readonly mode: "dev" }
    | { readonly mode: "cli" }
    | { readonly mode: "keys"; readonly keys: Pick<Keys, "look" | "find"> };
  readonly clock: Clock;
  /** Longest request body, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Requests handled at one time; more are answered 503. Default 10 000. */
  readonly maxRequests?: number;
  /** Event streams open at one time; more are answered 503. Default 1 000. */
  readonly maxStreams?: number;
  /**
   * The bytes of large answers (of more than 256 KiB) that wait to be read at one time; past that, the one that was read from least
   * recently is broken off, as is one that nobody reads for 30 s. Default 128 MiB.
   */
  readonly maxAnswerBytes?: number;
  /** Which tokens of Svix's servers the API at /api/v1 takes, besides API keys. Default: none. */
  readonly svix?: SvixTokenOptions;
  /** What is secret in payloads, besides what has a secret's name: `$.customer.email`, `**.street`. Default: nothing. */
  readonly redact?: readonly string[];
  /** How many events are taken of a tenant, and with a key. Default: not limited. */
  readonly eventRates?: EventRateOptions;
  /** The console at /console: false leaves it out, `authorize` says who may see it. Default: people sign in with a key. */
  readonly console?: false | { readonly authorize?: Authorize };
  /** Keeps what is delivered to /dev/inbox, and checks it with this secret: dev mode only. Default: there is no inbox. */
  readonly inboxSecret?: string;
  /** Shown in /openapi.json. */
  readonly version?: string;
  /** The address that browsers reach it at, without a slash at the end, for links: `https://hooks.example.com`. Default: the request's. */
  readonly publicUrl?: string;
  /** Where traces are looked up, with `{trace_id}` in it: the console links jobs to theirs. Default: it shows their ids only. */
  readonly traceUrl?: string;
  /** Which pages may show the portal in a frame: `https://app.example.com`. Default: none. */
  readonly portalOrigins?: readonly string[];
  /** A picture that the portal shows above its pages. Default: none. */
  readonly portalLogo?: Logo;
  /** The prefix of every request's path, if the API is part of a larger server: `/background`. Default: none. */
  readonly basePath?: string;
}

/** The API as a web-standard request handler. */
export interface App {
  /**
   * @param from the Node message that the request was made of: itself when nothing else will read it, for it is then
   * read directly.
   */
  fetch(request: Request, from?: IncomingMessage | SentBy): Response | Promise<Response>;
  /** Answers all requests that wait for a job's end now, with the job as it is, and ends all streams: for shutting down. */
  stopWaiting(): void;
  /** What it serves, as `GET /webhooks/jobs/{job_id}`. */
  readonly operations: readonly string[];
}

const MEBIBYTE = 1_048_576;
const MAX_REQUESTS = 10_000;
const MAX_STREAMS = 1_000;
const STALL_MS = 30_000;

/**
 * The REST API over a Posthorn.
 *
 * @example
 * const app = createApp(posthorn, { access: { mode: "dev" }, clock: systemClock });
 * const answer = await app.fetch(new Request("http://127.0.0.1/healthz"));
 * @throws ConfigurationError when `basePath` is invalid.
 */
export function createApp(served: Served, options: AppOptions): App {
  const posthorn = facadeOf(served);
  const {
    access,
    clock,
    maxBodyBytes = MEBIBYTE,
    maxRequests = MAX_REQUESTS,
    maxStreams = MAX_STREAMS,
    maxAnswerBytes = 128 * MEBIBYTE,
    eventRates = {},
    redact = [],
    svix: tokens = {},
    version = "0.0.0",
    basePath = "",
    portalOrigins = [],
    portalLogo,
    console: consoleOptions = {},
    inboxSecret,
  } = options;
  const instrument = instrumentOf(posthorn);
  const base = new BasePath(basePath);
  const bodies = new BodyReader(maxBodyBytes);
  const live = new Live(posthorn, clock, maxStreams);
  const rates = new EventRates(eventRates, posthorn.webhooks.tenants, clock);
  const publicUrl = (c: Context) => options.publicUrl ?? new URL(c.req.raw.url).origin + base.path;
  const redacted = new RedactedAnswers(new RedactionPaths(redact));
  const routes = apiRoutes(
    {
      ...{ posthorn, clock, bodies, rates, portalOrigins, portalLogo, publicUrl, redacted },
      ...{ waits: live.waits, events: live.events, statStream: live.statStream, exports: live.exports },
      ...{ backups: live.backups },
      metrics: () => metricsOf(posthorn),
      doctor: () => doctorOf(posthorn),
      statistics: () => statisticsOf(posthorn),
      requests: () => requestsOf(posthorn),
      admits: (c, rule) => admits(door, c, rule),
    },
    version,
    base.path,
  );
  const inbox =
    inboxSecret !== undefined && access.mode === "dev"
      ? inboxRoutes(new Inbox(inboxSecret, clock), bodies)
      : [];
  const operationsOf = (some: readonly Route[]) => some.map(({ method, path }) => `${method} ${path}`);
  const operations = operationsOf(routes);
  const ofBound = operationsOf(routes.filter(({ scope }) => scope !== "server"));
  const { gate, routes: pages } = consoleOf(consoleOptions, {
    ...{ access, clock, version, bodies, base: base.path },
    operations: (isBound) => (isBound ? ofBound : operations),
    inbox: inbox.length > 0,
    traceUrl: options.traceUrl ?? null,
    tenants: posthorn.webhooks.tenants,
    box: () => boxOf(served),
  });
  const sessionRates = new SessionRates(clock);
  const door = new SessionGate(posthorn.webhooks.portal, sessionRates, gate);
  const every = { instrument, bodies, base, redacted, most: maxRequests };
  const large = new LargeAnswers(clock, maxAnswerBytes, STALL_MS);
  const doorway = new Doorway({ ...every, gate: door, large });
  const keys = access.mode === "keys" ? access.keys : undefined;
  const svix = new SvixApi({
    ...{ ...every, posthorn, rates, sessionRates, clock, publicUrl },
    gate: new SvixGate({ keys, devGate, tokens, sessions: posthorn.webhooks.portal }),
  });
  const hono = routed(routes, [...inbox, ...pages], doorway, base);
  return {
    fetch: (request, from) => (svix.takes(request) ? svix : hono).fetch(request, from),
    stopWaiting: () => live.stop(),
    operations,
  };
}

/** The API looks jobs up in the form in which they are stored. Everything else is the Posthorn's own, even if it is replaced later. */
function facadeOf(served: Served): Facade {
  return Object.create(served, { jobs: { value: jobsOf(served) } }) as Facade; // with its jobs it is one
}
