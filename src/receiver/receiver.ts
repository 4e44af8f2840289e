import { createHmac } from "node:crypto";
import type { FastifyScope, NodeResponse } from "./frameworks.ts";
import type { OnceStore } from "./once.ts";
import { bytesOfNode, bytesOfWeb, type NodeRequest, type WebRequest } from "./read-body.ts";
import { VerificationError, verify, type WebhookHeaders } from "./verify.ts";

export type { FastifyScope, NodeResponse } from "./frameworks.ts";
export { memoryOnce, type OnceOptions, type OnceStore, type TableOptions } from "./once.ts";
export { type PostgresQueries, postgresOnce } from "./postgres-once.ts";
export type { NodeRequest, WebRequest } from "./read-body.ts";
export { type SqliteDatabase, sqliteOnce } from "./sqlite-once.ts";
export {
  type VerificationCode,
  VerificationError,
  type VerifiedWebhook,
  type VerifyOptions,
  verify,
  type WebhookHeaders,
} from "./verify.ts";

export interface ReceiverOptions {
  /** `whsec_…` (HMAC-SHA256) or `whpk_…` (ed25519); several during a rotation. */
  readonly secret: string | readonly string[];
  /** How many seconds the sender's clock may differ from this one, either way. Default 300 (Standard Webhooks 1.0). */
  readonly toleranceSeconds?: number;
  /** Handles each webhook once, however often it is delivered. Default: every delivery is handled. */
  readonly once?: OnceStore;
  /** With `once`, how many seconds a handler may take before another delivery of the same webhook is handled. Default 60. */
  readonly claimSeconds?: number;
  /** Larger bodies are answered with 413. Default 1 MiB, the most that Posthorn sends unless configured otherwise. */
  readonly maxBodyBytes?: number;
  /** The clock to use, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

/** A webhook whose signature was verified. */
export interface ReceivedEvent<Type extends string = string, Payload = unknown> {
  /** `webhook-id`: the same on every attempt. */
  readonly id: string;
  /**
   * The event's type: the `type` of a body of the form `{type, timestamp, data}` (Standard Webhooks); otherwise the header
   * `webhook-event-type`, which the signature does not cover; otherwise the `type` of any other body; otherwise empty.
   */
  readonly type: Type;
  /** When this attempt was sent. */
  readonly timestamp: Date;
  /** The body as JSON; undefined when it is not JSON. */
  readonly payload: Payload;
  /** The body as it arrived. */
  readonly text: string;
}

/** The answer to send. */
export interface ReceiverAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Called with events of its type only. */
type Handler = (event: never) => unknown;
type Types = object;

const MOST_BYTES = 2 ** 20;
const CLAIM_SECONDS = 60;
/** When another process has the webhook, its sender should come again once that has surely ended. */
const BUSY_RETRY_SECONDS = 10;
const CHALLENGE = "webhook.challenge";

/**
 * Receives webhooks: checks the signature of the bytes that arrived, and calls the handler for the event's type. An error that a handler
 * throws goes to the framework, which answers 500, so the sender tries again.
 *
 * @typeParam Events the payload of each type of event.
 * @example
 * const receiver = new Receiver<{ "invoice.paid": { id: number } }>({ secret: process.env.WEBHOOK_SECRET ?? "", once: sqliteOnce(database) });
 * receiver.on("invoice.paid", async ({ payload }) => { await book(payload.id); });
 *
 * app.post("/hooks", receiver.express);       // Express, before express.json()
 * app.register(receiver.fastify, { path: "/hooks" }); // Fastify
 * app.post("/hooks", receiver.hono);          // Hono
 * export const POST = receiver.fetch;         // Next.js: app/hooks/route.ts
 */
export class Receiver<Events extends Types = Record<string, unknown>> {
  readonly #options: ReceiverOptions;
  readonly #secrets: readonly string[];
  readonly #handlers = new Map<string, Handler>();
  #otherwise: Handler | undefined;

  /** @throws TypeError when a secret is missing or malformed. */
  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#secrets = [options?.secret ?? []].flat();
    if (this.#secrets.length === 0 || this.#secrets.some((secret) => !secret))
      throw new TypeError("a receiver needs a secret: whsec_… or whpk_…");
    for (const secret of this.#secrets) refuseMalformed(secret);
  }

  /** Sets the handler for events of this type. There is one handler per type; events without one are only acknowledged. */
  on<Type extends keyof Events & string>(
    type: Type,
    handler: (event: ReceivedEvent<Type, Events[Type]>) => unknown,
  ): this {
    if (this.#handlers.has(type)) throw new TypeError(`${type} has a handler already`);
    this.#handlers.set(type, handler);
    return this;
  }

  /** Sets the handler for events of all other types. */
  otherwise(handler: (event: ReceivedEvent) => unknown): this {
    this.#otherwise = handler;
    return this;
  }

  /** For `fetch` handlers: a Request in, a Response out. Next.js: `export const POST = receiver.fetch`. */
  readonly fetch = async (request: WebRequest): Promise<Response> => {
    const { status, headers, body } =
      request.method === "POST"
        ? await this.receive(await bytesOfWeb(request, this.#mostBytes), request.headers)
        : NOT_POSTED;
    return new Response(body === "" ? null : body, { status, headers });
  };

  /** For Hono: `app.post("/hooks", receiver.hono)`. */
  readonly hono = (context: { readonly req: { readonly raw: WebRequest } }): Promise<Response> =>
    this.fetch(context.req.raw);

  /** For Express, before body parsers: `app.post("/hooks", receiver.express)`. */
  readonly express = (
    request: NodeRequest,
    response: NodeResponse,
    next: (error?: unknown) => void,
  ): Promise<void> => this.#answerNode(request, response).catch(next);

  /** For `node:http`: rejects with what a handler throws, before anything is answered. */
  readonly node = (request: NodeRequest, response: NodeResponse): Promise<void> =>
    this.#answerNode(request, response);

  /** A plugin for Fastify, whose route gets the bytes as they arrived: `app.register(receiver.fastify, { path: "/hooks" })`. */
  readonly fastify = async (app: FastifyScope, { path = "/" }: { readonly path?: string }): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    app.post(path, { bodyLimit: this.#mostBytes }, async (request, reply) => {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const { status, headers, body } = await this.receive(bytes, request.headers);
      reply.code(status);
      reply.headers(headers);
      return reply.send(body);
    });
  };

  /**
   * What all adapters call: verifies a webhook, handles it, and returns the answer to send. Rejects with what a handler or the `once` store
   * throws.
   * @param body the bytes as they arrived; undefined if there were too many.
   */
  async receive(body: string | Uint8Array | undefined, headers: WebhookHeaders): Promise<ReceiverAnswer> {
    const { toleranceSeconds, now = Date.now } = this.#options;
    if (body === undefined)
      return refusal(413, "too_large", `a body may have at most ${this.#mostBytes} bytes`);
    const at = now();
    const options = { now: at, ...(toleranceSeconds !== undefined && { toleranceSeconds }) };
    let known: { readonly id: string; readonly timestamp: Date };
    try {
      known = verify(body, headers, this.#secrets, options);
    } catch (error) {
      if (error instanceof VerificationError) return refusal(401, error.code, error.message);
      throw error;
    }
    const text = typeof body === "string" ? body : new TextDecoder().decode(body);
    const payload = jsonOf(text);
    const event = { ...known, type: typeOf(payload, headers), payload, text };
    const challenge = challengeIn(event);
    if (challenge !== undefined) return this.#meet(challenge, body, headers, at);
    return this.#handle(event);
  }

  get #mostBytes(): number {
    return this.#options.maxBodyBytes ?? MOST_BYTES;
  }

  async #answerNode(request: NodeRequest, response: NodeResponse): Promise<void> {
    const { status, headers, body } =
      request.method === "POST"
        ? await this.receive(await bytesOfNode(request, this.#mostBytes), request.headers)
        : NOT_POSTED;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  }

  async #handle(event: ReceivedEvent): Promise<ReceiverAnswer> {
    const handler = this.#handlers.get(event.type) ?? this.#otherwise;
    const { once, claimSeconds = CLAIM_SECONDS, now = Date.now } = this.#options;
    if (!handler) return ACKNOWLEDGED;
    if (!once) {
      await handler(event as never); // of its type
      return ACKNOWLEDGED;
    }
    const at = now();
    const until = at + claimSeconds * 1_000;
    const claim = await once.claim(event.id, at, until);
    if (claim === "done") return ACKNOWLEDGED;
    if (claim === "busy") return BUSY;
    try {
      await handler(event as never); // likewise
    } catch (error) {
      await once.release(event.id, until).catch(() => {}); // else it runs out by itself; what the handler threw says more
      throw error;
    }
    await once.done(event.id, now());
    return ACKNOWLEDGED;
  }

  /** Shows that it has the secret, as endpoints with a `verification` are asked to. */
  #meet(challenge: string, body: string | Uint8Array, headers: WebhookHeaders, now: number): ReceiverAnswer {
    const options = { now, toleranceSeconds: Number.POSITIVE_INFINITY }; // it was found recent before
    const secret = this.#secrets.find((each) => succeeds(() => verify(body, headers, each, options)));
    if (!secret?.startsWith("whsec_")) return ACKNOWLEDGED;
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signed = createHmac("sha256", key).update(challenge).digest("base64");
    return { status: 200, headers: { "content-type": "text/plain" }, body: `v1,${signed}` };
  }
}

const ACKNOWLEDGED: ReceiverAnswer = { status: 200, headers: {}, body: "" };
const NOT_POSTED: ReceiverAnswer = { status: 405, headers: { allow: "POST" }, body: "" };
const BUSY: ReceiverAnswer = {
  ...refusal(409, "busy", "this webhook is being handled"),
  headers: { "content-type": "application/json", "retry-after": String(BUSY_RETRY_SECONDS) },
};

function refusal(status: number, code: string, detail: string): ReceiverAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ code, detail }) };
}

function refuseMalformed(secret: string): void {
  try {
    verify("", {}, secret);
  } catch (error) {
    if (error instanceof TypeError) throw error; // else only the headers are missing
  }
}

function succeeds(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Members = Readonly<Record<string, unknown>>;

function typeOf(payload: unknown, headers: WebhookHeaders): string {
  const { type, data, timestamp } = membersOf(payload);
  if (typeof type === "string" && (data !== undefined || timestamp !== undefined)) return type;
  const named =
    typeof headers.get === "function"
      ? headers.get("webhook-event-type")
      : (headers as Members)["webhook-event-type"];
  if (typeof named === "string") return named;
  return typeof type === "string" ? type : "";
}

function challengeIn({ payload }: ReceivedEvent): string | undefined {
  const { type, challenge } = membersOf(payload);
  return type === CHALLENGE && typeof challenge === "string" ? challenge : undefined;
}

function membersOf(payload: unknown): Members {
  return typeof payload === "object" && payload !== null ? (payload as Members) : {}; // not null
}
