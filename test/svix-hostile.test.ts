import assert from "node:assert/strict";
import { test } from "node:test";
import type { SvixOperation } from "../src/http/svix/operation.ts";
import { SVIX_OPERATIONS } from "../src/http/svix/svix-api.ts";
import { type Json, SvixServer } from "./support/svix.ts";

/** As they stand in a path. */
const NAMES = [
  "%00",
  "%E0%A4%A",
  "a%2Fb",
  "%F0%9F%98%80",
  "__proto__",
  `app_${"z".repeat(26)}`,
  "x".repeat(3_000),
];
const VALUES = [
  "",
  "%00",
  "%F0%9F%98%80",
  "-1",
  "9999-12-31T23:59:59Z",
  "-271821-04-20T00:00:00Z",
  "x".repeat(3_000),
];
const PARAMETERS = [
  ...["limit", "iterator", "order", "before", "after", "since", "until", "channel", "tag", "event_types[]"],
  ...["status", "status_code_class", "endpoint_id", "task"],
];
const BODIES = [
  "",
  "null",
  "[]",
  "\ufeff{}",
  "[".repeat(50_000),
  '{"__proto__":{"name":"x"}}',
  '{"name":"\\ud800","url":"\\u0000"}',
];

test("whatever a request holds is answered with what is wrong with it, in a form that clients read", async (t) => {
  const svix = await SvixServer.open();
  t.after(() => svix.close());
  const { id: app } = await svix.newApp();
  const { id: endpoint } = await svix.get(`POST /app/${app}/endpoint`, { url: "http://127.0.0.1:9/" });
  const { id: msg } = await svix.get(`POST /app/${app}/msg`, { eventType: "a", payload: {} });
  const there: Readonly<Record<string, string>> = {
    app,
    endpoint,
    msg,
    attempt: "atmpt_1",
    type: "a",
    task: "qtask_1",
  };
  const pathOf = ({ path }: SvixOperation, names: Readonly<Record<string, string>> = {}) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? there[name] ?? "");
  const ask = async (method: string, path: string, body?: string) => {
    const told = `${method} ${path.slice(0, 200)} ${body?.slice(0, 50) ?? ""}`;
    const answer = await svix.fetch(method, `/api/v1${path}`, body, {
      authorization: `Bearer ${svix.token}`,
    });
    assert.ok(answer.status < 500 || answer.status === 501, `${told}: ${answer.status}`);
    if (answer.status < 400) return;
    const refusal: Json = await answer.json();
    if (answer.status !== 422) {
      assert.deepEqual([typeof refusal.code, typeof refusal.detail], ["string", "string"], told);
      return;
    }
    assert.ok(refusal.detail.length > 0, told);
    for (const { loc, msg: said, type } of refusal.detail) {
      assert.equal(loc[0], method === "GET" ? "query" : "body", told);
      assert.ok(said.length > 0 && type.startsWith("value_error"), told);
    }
  };
  for (const operation of SVIX_OPERATIONS) {
    const { method, path } = operation;
    const body = method === "GET" || method === "DELETE" ? undefined : "{}";
    for (const [, name = ""] of path.matchAll(/\{(\w+)\}/g))
      for (const odd of NAMES) await ask(method, pathOf(operation, { [name]: odd }), body);
    if (method === "GET")
      for (const parameter of PARAMETERS)
        for (const value of VALUES) await ask(method, `${pathOf(operation)}?${parameter}=${value}`);
    else if (body !== undefined) for (const odd of BODIES) await ask(method, pathOf(operation), odd);
  }
  assert.equal((await svix.ask(`GET /app/${app}/endpoint/${endpoint}`)).status, 200, "nothing came of it");
});
