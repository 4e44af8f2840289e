import type { IncomingMessage } from "node:http";
import { type Context, Hono } from "hono";
import { getPath } from "hono/utils/url";
import { OverloadedError } from "../../core/errors.ts";
import type { Instrument } from "../../observe/instrument.ts";
import { requireCapability } from "../access/session-gate.ts";
import type { SessionRates } from "../access/session-rates.ts";
import { json } from "../answer/answer.ts";
import { payloadsShown } from "../redaction/payloads-shown.ts";
import type { RedactedAnswers } from "../redaction/redacted-answers.ts";
import type { BasePath } from "../request/base-path.ts";
import { headerOf, type SentBy } from "../request/incoming.ts";
import { WholePathRouter } from "../whole-path-router.ts";
import { applicationOperations } from "./applications.ts";
import { attemptOperations } from "./attempts.ts";
import { authenticationOperations } from "./authentication.ts";
import { backgroundTaskOperations } from "./background-tasks.ts";
import type { SvixCaller, SvixGate } from "./caller.ts";
import { endpointHeaderOperations } from "./endpoint-headers.ts";
import { endpointSecretOperations } from "./endpoint-secrets.ts";
import { endpointStatsOperations } from "./endpoint-stats.ts";
import { endpointOperations } from "./endpoints.ts";
import { answerOf, notFound, SvixError } from "./errors.ts";
import { eventTypeOperations } from "./event-types.ts";
import { healthOperations } from "./health.ts";
import { messageChecks } from "./message-checks.ts";
import { messageOperations } from "./messages.ts";
import { notOffered } from "./not-offered.ts";
import { type SvixOperation, SvixRequest, type SvixServices } from "./operation.ts";
import { operationalWebhookOperations } from "./operational-webhooks.ts";

export const SVIX_OPERATIONS: readonly SvixOperation[] = [
  ...applicationOperations,
  ...endpointOperations,
  ...endpointSecretOperations,
  ...endpointHeaderOperations,
  ...endpointStatsOperations,
  ...eventTypeOperations,
  ...messageChecks,
  ...messageOperations,
  ...attemptOperations,
  ...authenticationOperations,
  ...backgroundTaskOperations,
  ...operationalWebhookOperations,
  ...healthOperations,
];

export interface SvixApiParts extends SvixServices {
  readonly gate: SvixGate;
  readonly sessionRates: SessionRates;
  readonly instrument: Instrument;
  readonly redacted: RedactedAnswers;
  readonly base: BasePath;
  /** Requests at one time. */
  readonly most: number;
}

const BELOW = "/api/v1";
/** Clients whose server URL ends with a slash send two, and some end every path with one. Of `/ingest` nothing is offered. */
const ITS_OWN = /^\/*(ingest(?=\/))?\/*api\/v1(?=\/|$)/;

/**
 * Svix's API on a Posthorn: applications are tenants, and messages are events. It stores nothing that the rest of the API does not show.
 */
export class SvixApi {
  readonly #parts: SvixApiParts;
  readonly #hono: Hono;
  #inside = 0;

  constructor(parts: SvixApiParts) {
    this.#parts = parts;
    this.#hono = new Hono({ router: new WholePathRouter(), getPath: (request) => this.#pathOf(request) });
    for (const operation of SVIX_OPERATIONS)
      this.#hono.on(operation.method, operation.path, (c) => this.#pass(c, operation));
    this.#hono.options("*", (c) => preflight(c));
    this.#hono.notFound((c) => this.#pass(c, NO_OPERATION));
  }

  /** Whether the request is for this API. */
  takes(request: Request): boolean {
    return request.url.includes(BELOW) && ITS_OWN.test(this.#below(request));
  }

  fetch(request: Request, from?: IncomingMessage | SentBy): Response | Promise<Response> {
    return this.#hono.fetch(request, from);
  }

  #below(request: Request): string {
    const { base } = this.#parts;
    return base.path === "" ? getPath(request) : base.below(request);
  }

  #pathOf(request: Request): string {
    const path = this.#below(request)
      .replace(ITS_OWN, (_, ingest?: string) => (ingest === undefined ? "" : `/${ingest}`))
      .replace(/\/{2,}/g, "/");
    return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path || "/";
  }

  async #pass(c: Context, operation: SvixOperation): Promise<Response> {
    const {
      "request.answered": answered,
      "request.refused": refused,
      "request.failed": failed,
    } = this.#parts.instrument;
    const named = { method: c.req.method, route: BELOW + operation.path };
    const begun = answered.isHeard ? performance.now() : 0;
    let answer: Response;
    let caller: SvixCaller | undefined;
    this.#inside++;
    try {
      if (this.#inside > this.#parts.most)
        throw new OverloadedError("too many requests are being handled; try again shortly");
      caller = operation.scope === "everyone" ? undefined : await this.#admit(c, operation);
      answer = await operation.handle(new SvixRequest(c, caller ?? NOBODY, this.#parts));
      const payloads = caller ? payloadsShown(c, caller) : "full";
      if (payloads !== "full") answer = await this.#parts.redacted.shown(answer, payloads);
    } catch (error) {
      const known = answerOf(error, c.req.method === "GET" ? "query" : "body");
      answer = known ?? json(500, {});
      if (known) refused.publish({ ...named, status: answer.status, error });
      else failed.publish({ ...named, error, instance: `urn:uuid:${crypto.randomUUID()}` });
    } finally {
      this.#parts.bodies.release(c);
      this.#inside--;
    }
    if (answered.isHeard)
      answered.publish({
        ...named,
        status: answer.status,
        ms: performance.now() - begun,
        isAcceptance: answer.status === 202 && operation.accepts === true,
      });
    // tokens of applications are made to be used in browsers, ours and organizations' are not
    if (caller === undefined || caller.isApplication) answer.headers.set("access-control-allow-origin", "*");
    return answer;
  }

  async #admit(c: Context, { scope, needs, portal }: SvixOperation): Promise<SvixCaller> {
    const caller = await this.#parts.gate.admit(c);
    if (scope === "organization" && caller.isApplication)
      throw new SvixError(403, "insufficient access", "a token of one application may not do this");
    if (!caller.may(needs))
      throw new SvixError(403, "insufficient access", `this requires a key with the role ${needs}`);
    const used = portal ?? (needs === "read" ? "view" : "endpoints");
    requireCapability(caller, used);
    this.#parts.sessionRates.take(caller, used);
    return caller;
  }
}

const NOBODY: SvixCaller = {
  id: "anyone",
  payloads: "none",
  actor: { name: "anyone", role: "read", via: "api" },
  isApplication: false,
  featureFlags: undefined,
  may: () => false,
};

const NO_OPERATION: SvixOperation = {
  id: "none",
  method: "GET",
  path: "*",
  scope: "everyone",
  needs: "none",
  handle: ({ c }) => {
    const detail = notOffered(c.req.path);
    throw detail === undefined
      ? notFound("there is no such operation in Svix's API; Posthorn's own is described at /docs")
      : new SvixError(501, "not_implemented", detail);
  },
};

const MAX_AGE_SECONDS = "600";

/** Browsers ask without a token; what may be done is decided when they come with one. */
function preflight(c: Context): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers":
        headerOf(c, "access-control-request-headers") ?? "authorization, content-type",
      "access-control-max-age": MAX_AGE_SECONDS,
    },
  });
}
