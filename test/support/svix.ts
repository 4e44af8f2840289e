import assert from "node:assert/strict";
import { describe, type TestContext } from "node:test";
import { SignJWT } from "jose";
import { Keys } from "../../src/access/keys.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type App, createApp } from "../../src/http/app.ts";
import { listen } from "../../src/http/listen.ts";
import { DEFAULT_ORGANIZATION } from "../../src/http/svix/organization.ts";
import { silentLog } from "../../src/observe/log.ts";
import { openPosthorn, type Posthorn } from "../../src/posthorn.ts";
import { storeOf } from "../../src/store/store-of.ts";
import { type Delivery, Receiver } from "./receiver.ts";
import { scratchDatabase } from "./scratch.ts";
import { until } from "./until.ts";

export const JWT_SECRET = "a secret that is shared with those who make tokens";

/** As self-hosters make them. */
export function svixToken(claims: Record<string, unknown> = {}, secret = JWT_SECRET): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ sub: DEFAULT_ORGANIZATION, iss: "svix-server", iat: now, exp: now + 3_600, ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}

/** What an answer's body may hold, to be looked into by name. */
// biome-ignore lint/suspicious/noExplicitAny: answers of forty operations, whose fields the tests assert one by one
export type Json = any;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** Svix's API on a Posthorn. */
export class SvixServer {
  readonly posthorn: Posthorn;
  readonly keys: Keys;
  readonly #app: App;
  /** Of the organization. */
  readonly token: string;

  private constructor(posthorn: Posthorn, keys: Keys, app: App, token: string) {
    this.posthorn = posthorn;
    this.keys = keys;
    this.#app = app;
    this.token = token;
  }

  static async open(database = scratchDatabase()): Promise<SvixServer> {
    const posthorn = await openPosthorn({
      database,
      log: silentLog,
      drainTimeout: 0,
      allowTargets: ["127.0.0.1"],
      masterKey: Buffer.alloc(32, 7).toString("base64"),
    });
    const keys = new Keys(storeOf(posthorn).keys, systemClock);
    const app = createApp(posthorn, {
      access: { mode: "keys", keys },
      svix: { jwtSecret: JWT_SECRET },
      clock: systemClock,
    });
    return new SvixServer(posthorn, keys, app, await svixToken());
  }

  close(): Promise<void> {
    return this.posthorn.close();
  }

  /** On a port, for what cannot be called in this process. */
  listen() {
    return listen(this.#app, { host: "127.0.0.1", port: 0 });
  }

  /** @param request method and path below /api/v1. */
  async ask(
    request: string,
    body?: unknown,
    { token = this.token, ...headers }: Record<string, string> = {},
  ): Promise<Answered> {
    const [method = "", path = ""] = request.split(" ");
    const answer = await this.fetch(method, `/api/v1${path}`, body, {
      authorization: `Bearer ${token}`,
      ...headers,
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const init = { method, headers, ...(text !== undefined && method !== "GET" && { body: text }) };
    return Promise.resolve(this.#app.fetch(new Request(`http://127.0.0.1:8000${path}`, init)));
  }

  /** The body of an answer, which has to have the expected status. */
  async get(request: string, body?: unknown, options?: Record<string, string>): Promise<Json> {
    const answer = await this.ask(request, body, options);
    if (answer.status >= 300) throw new Error(`${request}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async newApp(fields: object = {}): Promise<Json> {
    return this.get("POST /app", { name: "An app", ...fields });
  }
}

/** Each of the databases, with tests of its own. */
export function onBoth(
  newDatabase: () => Promise<string>,
  tests: (database: () => Promise<string>) => void,
): void {
  describe("on SQLite", () => tests(() => Promise.resolve(scratchDatabase())));
  describe("on PostgreSQL", () => tests(newDatabase));
}

/** Where what is wrong stands. */
export const problemsOf = ({ status, body }: Answered) => {
  assert.equal(status, 422, JSON.stringify(body));
  for (const { msg, type } of body.detail) assert.ok(msg.length > 0 && type.startsWith("value_error"));
  return body.detail.map(({ loc }: { loc: string[] }) => loc.join("."));
};

/** Status and code. */
export const refusalOf = ({ status, body }: Answered) => {
  assert.equal(typeof body.detail, "string");
  return [status, body.code];
};

/** An application with an endpoint. */
export async function svixApp(
  svix: SvixServer,
  t: TestContext,
  fields: object = {},
  judge?: (delivery: Delivery) => void,
) {
  const receiver = await Receiver.start(t, judge);
  const { id: app } = await svix.newApp();
  const endpoint = await svix.get(`POST /app/${app}/endpoint`, { url: receiver.url, ...fields });
  const send = (body: object = {}, query = "") =>
    svix.get(`POST /app/${app}/msg${query}`, { eventType: "a.b", payload: { n: 1 }, ...body });
  /** The attempts of an endpoint or a message, once there are this many. */
  const attempts = (path: string, count: number) =>
    until(`there are ${count} attempts`, async () => {
      const page = await svix.get(`GET /app/${app}/attempt/${path}`);
      return page.data.length >= count && page;
    });
  return { receiver, app, endpoint, send, attempts };
}
