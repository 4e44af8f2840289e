import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { doctorOf } from "../engine/doctor/doctor.ts";
import { jobsOf } from "../engine/jobs.ts";
import { statisticsOf } from "../engine/statistics/report.ts";
import { instrumentOf } from "../observe/instrument.ts";
import { metricsOf } from "../observe/metrics/metrics-text.ts";
import { boxOf } from "../secrets/box-of.ts";
import { requestsOf } from "../webhooks/rebuilt-requests.ts";
import { admits } from "./access/admits.ts";
import { devGate } from "./access/dev-gate.ts";
import { EventRates } from "./access/event-rates.ts";
import { SessionGate } from "./access/session-gate.ts";
import { SessionRates } from "./access/session-rates.ts";
import { LargeAnswers } from "./answer/large-answers.ts";
import type { AppOptions } from "./app-options.ts";
import { consoleOf } from "./console/console.ts";
import { Inbox } from "./console/inbox.ts";
import { inboxRoutes } from "./console/inbox-routes.ts";
import { Doorway } from "./doorway.ts";
import type { Facade, Served } from "./facade.ts";
import { Live } from "./live/live.ts";
import { RedactedAnswers } from "./redaction/redacted-answers.ts";
import { RedactionPaths } from "./redaction/redaction-paths.ts";
import { BasePath } from "./request/base-path.ts";
import { BodyReader } from "./request/body.ts";
import type { SentBy } from "./request/incoming.ts";
import type { Route, Services } from "./route.ts";
import { routed } from "./routed.ts";
import { apiRoutes } from "./routes.ts";
import { SvixGate } from "./svix/caller.ts";
import { SvixApi } from "./svix/svix-api.ts";

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
  const { access, clock, version = "0.0.0", portalOrigins = [], portalLogo } = options;
  const base = new BasePath(options.basePath ?? "");
  const bodies = new BodyReader(options.maxBodyBytes ?? MEBIBYTE);
  const live = new Live(posthorn, clock, options.maxStreams ?? MAX_STREAMS);
  const rates = new EventRates(options.eventRates ?? {}, posthorn.webhooks.tenants, clock);
  const redacted = new RedactedAnswers(new RedactionPaths(options.redact ?? []));
  const publicUrl = (c: Context) => options.publicUrl ?? new URL(c.req.raw.url).origin + base.path;
  const services: Services = {
    ...{ ...live, posthorn, clock, bodies, rates, redacted, publicUrl, portalOrigins, portalLogo },
    metrics: () => metricsOf(posthorn),
    doctor: () => doctorOf(posthorn),
    statistics: () => statisticsOf(posthorn),
    requests: () => requestsOf(posthorn),
    admits: (c, rule) => admits(door, c, rule),
  };
  const routes = apiRoutes(services, version, base.path);
  const { gate, pages } = pagesOf(served, options, routes, { base, bodies });
  const sessionRates = new SessionRates(clock);
  const door = new SessionGate(posthorn.webhooks.portal, sessionRates, gate);
  const every = {
    ...{ instrument: instrumentOf(posthorn), bodies, base, redacted },
    most: options.maxRequests ?? MAX_REQUESTS,
  };
  const large = new LargeAnswers(clock, options.maxAnswerBytes ?? 128 * MEBIBYTE, STALL_MS);
  const svix = new SvixApi({
    ...{ ...every, posthorn, rates, sessionRates, clock, publicUrl },
    gate: new SvixGate({
      keys: access.mode === "keys" ? access.keys : undefined,
      ...{ devGate, tokens: options.svix ?? {}, sessions: posthorn.webhooks.portal },
    }),
  });
  const hono = routed(routes, pages, new Doorway({ ...every, gate: door, large }), base);
  return {
    fetch: (request, from) => (svix.takes(request) ? svix : hono).fetch(request, from),
    stopWaiting: () => live.stop(),
    operations: operationsOf(routes),
  };
}

/** What browsers are served besides the routes of the API, and the gate that also lets people in who signed in there. */
function pagesOf(
  served: Served,
  { access, clock, version = "0.0.0", console: options = {}, inboxSecret, traceUrl }: AppOptions,
  routes: readonly Route[],
  { base, bodies }: { readonly base: BasePath; readonly bodies: BodyReader },
) {
  const inbox =
    inboxSecret !== undefined && access.mode === "dev"
      ? inboxRoutes(new Inbox(inboxSecret, clock), bodies)
      : [];
  const operations = operationsOf(routes);
  const ofBound = operationsOf(routes.filter(({ scope }) => scope !== "server"));
  const { gate, routes: pages } = consoleOf(options, {
    ...{ access, clock, version, bodies, base: base.path, traceUrl: traceUrl ?? null },
    operations: (isBound) => (isBound ? ofBound : operations),
    inbox: inbox.length > 0,
    tenants: served.webhooks.tenants,
    box: () => boxOf(served),
  });
  return { gate, pages: [...inbox, ...pages] };
}

function operationsOf(routes: readonly Route[]): string[] {
  return routes.map(({ method, path }) => `${method} ${path}`);
}

/** The API looks jobs up in the form in which they are stored. Everything else is the Posthorn's own, even if it is replaced later. */
function facadeOf(served: Served): Facade {
  return Object.create(served, { jobs: { value: jobsOf(served) } }) as Facade; // with its jobs it is one
}
