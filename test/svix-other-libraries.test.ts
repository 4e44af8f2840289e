import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Receiver } from "./support/receiver.ts";
import { type Json, SvixServer } from "./support/svix.ts";

// Svix's libraries for Kotlin, C#, Ruby and PHP cannot be installed where these tests run: their requests are written down here as they send them.

interface Library {
  readonly name: string;
  readonly agent: string;
  /** Undefined where it sends none with its JSON. */
  readonly type: string | undefined;
  /** What a POST, PUT or PATCH without arguments sends; null where it fails before it sends one. */
  readonly nothing: string | undefined | null;
  /** The header that makes repeated requests one, where it sends it by itself. */
  readonly key: string | undefined;
}

const LIBRARIES: readonly Library[] = [
  {
    name: "C#",
    agent: "svix-libs/1.99.1/csharp",
    type: "application/json; charset=utf-8",
    nothing: undefined,
    key: "auto_",
  },
  { name: "Ruby", agent: "svix-libs/1.99.1/ruby", type: "application/json", nothing: "{}", key: undefined },
  {
    name: "PHP",
    agent: "svix-libs/1.99.1/php php/8.4.1 Linux/x86_64",
    type: "application/json",
    nothing: undefined,
    key: "auto_",
  },
  {
    name: "Kotlin",
    agent: "svix-libs/2.0.0/kotlin kotlin/2.2.0 jre/17.0.12+7",
    type: undefined,
    nothing: null,
    key: "auto_",
  },
];

/** Method and path, what is sent, and what the library needs to find in the answer; null where it takes 204 only. */
type Call = readonly [request: string, body: object | undefined, needs: readonly string[] | null];

const APPLICATION = ["id", "name", "createdAt", "updatedAt", "metadata"];
const ENDPOINT = ["id", "url", "description", "metadata", "version", "createdAt", "updatedAt"];
const TYPE = ["name", "description", "deprecated", "createdAt", "updatedAt"];
const MESSAGE = ["id", "eventType", "payload", "timestamp"];
const LIST = ["data", "iterator", "done"];
const TASK = ["id", "status", "task", "updatedAt"];

function callsTo(url: string, name: string): readonly Call[] {
  const app = `/app/${name}`;
  const main = `${app}/endpoint/main`;
  const hook = "/operational-webhook/endpoint";
  const since = new Date(Date.now() - 3_600_000).toISOString();
  return [
    ["GET /health", undefined, null],
    ["POST /app?get_if_exists=true", { name, uid: name }, APPLICATION],
    ["POST /app?get_if_exists=true", { name, uid: name }, APPLICATION],
    [`PUT ${app}`, { name: "Changed", uid: name, metadata: { a: "1" } }, APPLICATION],
    [`PATCH ${app}`, { throttleRate: null, rateLimit: 5 }, APPLICATION],
    [`GET ${app}`, undefined, APPLICATION],
    ["GET /app?limit=5&order=descending", undefined, LIST],
    ["POST /event-type", { name: `${name}.paid`, description: "Paid" }, TYPE],
    [
      `PUT /event-type/${name}.paid`,
      { description: "Paid.", schemas: { 1: { examples: [{ n: 1 }] } } },
      TYPE,
    ],
    [`PATCH /event-type/${name}.paid`, { deprecated: false }, TYPE],
    ["GET /event-type?include_archived=true&with_content=true", undefined, LIST],
    [`POST ${app}/endpoint`, { url, uid: "main", filterTypes: [`${name}.paid`], channels: ["eu"] }, ENDPOINT],
    [`PATCH ${main}`, { channels: null }, ENDPOINT],
    [`PUT ${main}`, { url, uid: "main", eventTypes: [`${name}.paid`] }, ENDPOINT],
    [`GET ${app}/endpoint`, undefined, LIST],
    [`PUT ${main}/headers`, { headers: { "x-a": "1" } }, null],
    [`PATCH ${main}/headers`, { headers: { "x-b": "2" }, deleteHeaders: ["x-a"] }, null],
    [`GET ${main}/headers`, undefined, ["headers", "sensitive"]],
    [`POST ${main}/secret/rotate`, {}, null],
    [`GET ${main}/secret`, undefined, ["key"]],
    [`GET ${main}/stats`, undefined, ["success", "pending", "sending", "fail"]],
    [`POST ${main}/send-example`, { eventType: `${name}.paid` }, MESSAGE],
    [`POST ${app}/msg`, { eventType: `${name}.paid`, eventId: "evt_1", payload: { n: 1 } }, MESSAGE],
    [`GET ${app}/msg/evt_1`, undefined, MESSAGE],
    [`GET ${app}/msg?event_types=${name}.paid%2Cother&after=${encodeURIComponent(since)}`, undefined, LIST],
    [`POST ${app}/msg/precheck/active`, { eventType: `${name}.paid` }, ["active"]],
    [`GET ${app}/attempt/msg/evt_1?status=0`, undefined, LIST],
    [`GET ${app}/attempt/endpoint/main`, undefined, LIST],
    [`GET ${app}/endpoint/main/msg`, undefined, LIST],
    [`GET ${app}/msg/evt_1/endpoint`, undefined, LIST],
    [`POST ${app}/msg/evt_1/endpoint/main/resend`, undefined, []],
    [`DELETE ${app}/msg/evt_1/content`, undefined, null],
    [`POST ${main}/recover`, { since }, TASK],
    ["GET /background-task", undefined, LIST],
    [`POST ${hook}`, { url, uid: name }, ENDPOINT],
    [`PUT ${hook}/${name}`, { url, uid: name, filterTypes: ["endpoint.disabled"] }, ENDPOINT],
    [`POST ${hook}/${name}/secret/rotate`, {}, null],
    [`DELETE ${hook}/${name}`, undefined, null],
    [`POST /auth/app-portal-access/${name}`, {}, ["url", "token"]],
    [`POST /auth/dashboard-access/${name}`, undefined, ["url", "token"]],
    [`POST /auth/app/${name}/expire-all`, {}, null],
    [`DELETE ${main}`, undefined, null],
    [`DELETE /event-type/${name}.paid?expunge=true`, undefined, null],
    [`DELETE ${app}`, undefined, null],
  ];
}

test("what Svix's libraries for Kotlin, C#, Ruby and PHP send is done, and answered as they read it", async (t) => {
  const svix = await SvixServer.open();
  t.after(() => svix.close());
  const receiver = await Receiver.start(t);
  const server = await svix.listen();
  t.after(() => server.close());
  for (const { name, agent, type, nothing, key } of LIBRARIES) {
    async function send(request: string, given?: object): Promise<{ status: number; text: string }> {
      const [method = "", path = ""] = request.split(" ");
      const text = given
        ? JSON.stringify(given)
        : method === "GET" || method === "DELETE"
          ? undefined
          : nothing;
      // a string would be given a content type
      const body = text == null ? undefined : new TextEncoder().encode(text);
      const answer = await fetch(`${server.url}/api/v1${path}`, {
        method,
        ...(body !== undefined && { body }),
        headers: {
          authorization: `Bearer ${svix.token}`,
          "user-agent": agent,
          "svix-req-id": "15772083264906013204",
          ...(body && type !== undefined && { "content-type": type }),
          ...(key !== undefined && method === "POST" && { "idempotency-key": key + randomUUID() }),
        },
      });
      return { status: answer.status, text: await answer.text() };
    }
    const uid = `lib-${name.replace("#", "sharp")}`;
    for (const [request, body, needs] of callsTo(receiver.url, uid)) {
      if (nothing === null && body === undefined && request.startsWith("POST")) continue;
      const { status, text } = await send(request, body);
      const about = `${name}: ${request}: ${status} ${text}`;
      if (needs === null) assert.deepEqual([status, text], [204, ""], about);
      else {
        assert.ok([200, 201, 202].includes(status), about);
        const answer: Json = JSON.parse(text);
        for (const each of needs) assert.notEqual(answer[each], undefined, about);
      }
    }
    for (const [request, body, status] of [
      ["GET /app/nobody", undefined, 404],
      ["POST /app", { name: "", uid: "app_1" }, 422],
      ["GET /not/an/operation", undefined, 404],
      ["GET /app/x/integration", undefined, 501],
    ] as const) {
      const refused = await send(request, body);
      assert.equal(refused.status, status, refused.text);
      assert.ok("detail" in JSON.parse(refused.text));
    }
  }
});
