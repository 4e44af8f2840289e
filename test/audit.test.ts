import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Keys, type NewKey } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { Audit } from "../src/engine/audit/audit.ts";
import { createApp } from "../src/http/app.ts";
import { instrumentOf } from "../src/observe/instrument.ts";
import { type AuditRecord, openPosthorn } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { claimReady, settleAll } from "./support/batches.ts";

const SECRET = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const BEARER = "t0p-s3cret-of-the-receiver";

interface Listed {
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

/** A server with keys, its log, and a client whose key has these rights. */
async function setUp(t: TestContext) {
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const posthorn = await openPosthorn({
    database: ":memory:",
    worker: false,
    log: { info: write, warn: write, error: write },
    masterKey: Buffer.alloc(32, 7).toString("base64"),
    allowTargets: ["127.0.0.1"],
  });
  t.after(() => posthorn.close());
  const store = storeOf(posthorn);
  const audit = new Audit({ shelf: store.audit, clock: systemClock, instrument: instrumentOf(posthorn) });
  const keys = new Keys(store.keys, systemClock, audit);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const holder = async (rights: NewKey) => {
    const { token } = await keys.create(rights, { actor: "root" });
    return async (method: string, path: string, body?: unknown): Promise<Response> => {
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "x-request-id": "req-7",
      };
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      return app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
    };
  };
  return { posthorn, store, lines, holder };
}

function told({ actor, via, action, target }: AuditRecord) {
  return [actor, via, action, target];
}

test("every change says who made it, over the API, by the library or by Posthorn itself, and nothing that was refused is recorded", async (t) => {
  const { posthorn, store, lines, holder } = await setUp(t);
  const ask = await holder({ name: "ops", role: "admin" });
  const done = async (...asked: Parameters<typeof ask>) => {
    const answer = await ask(...asked);
    assert.ok(answer.ok, `${asked[0]} ${asked[1]}: ${answer.status}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>); // as its description says
  };
  const tenant = (await done("POST", "/tenants", { uid: "acme" })).tenant_id ?? "";
  assert.equal((await ask("POST", "/tenants", { uid: "acme" })).status, 409);
  const made = await done("POST", "/tenants/acme/endpoints", {
    ...{ url: "http://127.0.0.1:9/", secret: SECRET, headers: { "x-auth": BEARER } },
  });
  const endpoint = made.endpoint_id ?? "";
  const path = `/tenants/acme/endpoints/${endpoint}`;
  await done("PATCH", path, { description: "theirs", headers: { "x-auth": `${BEARER}2` } });
  await done("POST", `${path}/pause`, { reason: "their maintenance" });
  await done("POST", `${path}/resume`);
  await done("GET", `${path}/secret`);
  await done("POST", `${path}/secret/rotate`, {});
  await done("POST", "/event-types", { name: "invoice.paid" });
  await done("PATCH", "/event-types/invoice.paid", { description: "it was paid" });
  await done("DELETE", "/event-types/invoice.paid");
  await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: 1 });
  const [job] = await posthorn.jobs.list();
  await done("POST", `/webhooks/jobs/${job?.id}/cancel`);
  assert.equal((await ask("POST", `/webhooks/jobs/${job?.id}/cancel`)).status, 409);
  await done("POST", `/webhooks/jobs/${job?.id}/redeliver`);
  await posthorn.webhooks.endpoints.disable("acme", endpoint, {}, { actor: "ana", reason: "asked by mail" });
  await posthorn.webhooks.endpoints.enable("acme", endpoint);
  const { run } = await posthorn.bulk.start(
    { action: "cancel", filter: { tenant: "acme" }, note: "asked for" },
    { actor: "ana" },
  );
  await posthorn.bulk.setPace(run.id, 7, { actor: "ana" });
  await posthorn.bulk.takeBack(run.id, { actor: "ana" });
  await done("DELETE", path);
  await done("DELETE", "/tenants/acme");

  const { data } = await posthorn.audit.list({ limit: 100 });
  assert.deepEqual(data.toReversed().map(told), [
    ["root", "library", "key.create", data.at(-1)?.target],
    ["ops", "api", "tenant.create", tenant],
    ["ops", "api", "endpoint.create", endpoint],
    ["ops", "api", "endpoint.update", endpoint],
    ["ops", "api", "endpoint.pause", endpoint],
    ["ops", "api", "endpoint.resume", endpoint],
    ["ops", "api", "endpoint.secret.show", endpoint],
    ["ops", "api", "endpoint.secret.rotate", endpoint],
    ["ops", "api", "event_type.create", "invoice.paid"],
    ["ops", "api", "event_type.update", "invoice.paid"],
    ["ops", "api", "event_type.delete", "invoice.paid"],
    ["ops", "api", "job.cancel", job?.id],
    ["ops", "api", "job.rerun", job?.id],
    ["ana", "library", "endpoint.disable", endpoint],
    ["library", "library", "endpoint.enable", endpoint],
    ["ana", "library", "bulk.start", run.id],
    ["ana", "library", "bulk.pace", run.id],
    ["ana", "library", "bulk.take_back", run.id],
    ["ops", "api", "endpoint.delete", endpoint],
    ["ops", "api", "tenant.delete", tenant],
  ]);
  const paused = data.find(({ action }) => action === "endpoint.pause");
  assert.deepEqual(
    [paused?.note, paused?.role, paused?.requestId, paused?.tenantId, paused?.change.status],
    ["their maintenance", "admin", "req-7", tenant, ["active", "paused"]],
  );
  assert.equal(lines.filter((line) => line.includes("operator action")).length, data.length);
  const kept = JSON.stringify([data, lines, await store.transfer.page("audit", null, 100)]);
  for (const secret of [SECRET, BEARER]) assert.ok(!kept.includes(secret), `${secret} was kept`);
});

test("a key of one tenant sees only what was done to that tenant, and not from where", async (t) => {
  const { posthorn, holder } = await setUp(t);
  const admin = await holder({ name: "ops", role: "admin" });
  await admin("POST", "/tenants", { uid: "acme" });
  await admin("POST", "/tenants", { uid: "other" });
  const { id: tenant } = await posthorn.webhooks.tenants.get("acme");
  const theirs = await holder({ name: "acme's", role: "manage", tenant });
  await theirs("POST", "/tenants/acme/endpoints", { url: "http://127.0.0.1:9/" });
  const seen = (await (await theirs("GET", "/audit")).json()) as Listed;
  assert.deepEqual(
    seen.data.map(({ actor, action, request_id }) => [actor, action, request_id]),
    [
      ["acme's", "endpoint.create", "req-7"],
      ["ops", "tenant.create", null],
    ],
  );
  assert.equal((await theirs("GET", "/audit?tenant=other")).status, 404);
  for (const name of ["after", "before"]) {
    const answer = await admin("GET", `/audit?${name}=2030`);
    assert.equal(answer.status, 422, name);
    assert.match(await answer.text(), new RegExp(`"parameter":"${name}"`));
  }
  const some = await holder({ name: "all tenants", role: "manage" });
  assert.equal((await some("GET", "/audit")).status, 403);
  assert.equal(((await (await some("GET", "/audit?tenant=other")).json()) as Listed).data.length, 1);
  const reader = await holder({ name: "reader", role: "read" });
  assert.equal((await reader("GET", "/audit?tenant=acme")).status, 403);
});

test("an event, its deliveries and their results write nothing into the audit", async (t) => {
  const { posthorn, store } = await setUp(t);
  await posthorn.webhooks.endpoints.create("acme", { url: "http://127.0.0.1:9/" });
  const { data: before } = await posthorn.audit.list();
  await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: 1 });
  await settleAll(store, await claimReady(store, 1));
  assert.deepEqual((await posthorn.audit.list()).data, before);
});

test("keys are made, listed without their tokens, and revoked over HTTP and by the library, and the audit says so", async (t) => {
  const { posthorn, holder } = await setUp(t);
  const admin = await holder({ name: "ops", role: "admin" });
  await admin("POST", "/tenants", { uid: "acme" });
  const asked = { name: "support", role: "read", tenant: "acme", expires_at: "2999-01-01T00:00:00Z" };
  const answer = await admin("POST", "/keys", asked);
  assert.equal(answer.status, 201);
  const made = (await answer.json()) as Record<string, string>; // as its description says
  assert.equal(made.payloads, "redacted");
  const { id: tenant } = await posthorn.webhooks.tenants.get("acme");
  assert.equal(made.tenant, tenant);
  const token = made.token ?? "";
  const listed = await (await admin("GET", "/keys")).text();
  assert.ok(listed.includes(made.key_id ?? "no id") && !listed.includes(token.slice(-20)));
  assert.equal((await admin("POST", `/keys/${token}/revoke`)).status, 404);
  assert.equal((await admin("POST", `/keys/${made.key_id}/revoke`)).status, 200);
  assert.equal((await admin("POST", "/keys", { ...asked, tenant: "nobody" })).status, 404);
  assert.equal((await admin("POST", "/keys", { ...asked, role: "root" })).status, 422);

  const { key, token: other } = await posthorn.keys.create({ name: "x", role: "send" }, { actor: "ana" });
  assert.ok((await posthorn.keys.list()).some(({ id }) => id === key.id));
  await posthorn.keys.revoke(key.id, { actor: "ana" });
  const { data } = await posthorn.audit.list({ action: "key.revoke" });
  assert.deepEqual(data.map(told), [
    ["ana", "library", "key.revoke", key.id],
    ["ops", "api", "key.revoke", made.key_id],
  ]);
  const kept = JSON.stringify(await posthorn.audit.list());
  for (const secret of [token, other]) assert.ok(!kept.includes(secret.slice(-20)));
});

test("letting a customer into the portal, and ending that, is recorded, without the code that lets them in", async (t) => {
  const { posthorn, holder } = await setUp(t);
  const ask = await holder({ name: "ops", role: "admin" });
  await posthorn.webhooks.tenants.create({ uid: "acme" });
  const { token, url } = (await (
    await ask("POST", "/tenants/acme/portal-sessions", { session_id: "theirs", capabilities: ["view"] })
  ).json()) as { token: string; url: string };
  for (let n = 0; n < 2; n++) await ask("DELETE", "/tenants/acme/portal-sessions/theirs");
  const answer = await (await ask("GET", "/audit")).text();
  assert.equal(JSON.parse(answer).kept_for, "400d");
  const entries = (JSON.parse(answer) as Listed).data.filter(({ action }) =>
    String(action).startsWith("portal_session"),
  );
  assert.deepEqual(
    entries.map(({ actor, action, target }) => [actor, action, target]),
    [
      ["ops", "portal_session.end", "theirs"],
      ["ops", "portal_session.create", "theirs"],
    ],
  );
  for (const secret of [token, url.split("#s=")[1] ?? ""]) assert.ok(!answer.includes(secret));
});

test("changes are named as the API names things, and what users have named keeps its names", async (t) => {
  const { holder } = await setUp(t);
  const ask = await holder({ name: "ops", role: "admin" });
  const made = await ask("POST", "/tenants/acme/endpoints", { url: "http://127.0.0.1:9/" });
  const { endpoint_id: id } = (await made.json()) as Record<string, string>; // as its description says
  const changes = {
    ...{ header_style: "svix", filter: { "$.customerId": 7 }, metadata: { createdBy: "ana" } },
    auth: { kind: "oauth2", token_url: "http://127.0.0.1:9/token", client_id: "us", client_secret: "s3cret" },
  };
  const changed = await ask("PATCH", `/tenants/acme/endpoints/${id}`, changes);
  assert.equal(changed.status, 200, await changed.text());
  const filter = { task: "a", created_before: "2999-01-01T00:00:00Z", attempts_from: 1 };
  const run = await ask("POST", "/bulk", { action: "cancel", filter, starts_in: "1h" });
  assert.equal(run.status, 202, await run.text());
  const { data } = (await (await ask("GET", "/audit")).json()) as Listed;
  const changeOf = (action: string) =>
    data.find((entry) => entry.action === action)?.change as Record<string, { is: object }>; // as its description says
  const patched = changeOf("endpoint.update");
  const camel = /"[a-z]+[A-Z]\w*":/;
  const { filter: conditions, metadata, ...ours } = patched;
  assert.doesNotMatch(JSON.stringify(ours), camel);
  assert.deepEqual([conditions?.is, metadata?.is], [changes.filter, changes.metadata]);
  assert.doesNotMatch(JSON.stringify(changeOf("bulk.start")), camel);
  assert.ok("created_before" in (changeOf("bulk.start").filter?.is ?? {}));
  const history = await (await ask("GET", `/tenants/acme/endpoints/${id}/history`)).text();
  assert.match(history, /"auth":\{"was":null,"is":\{[^}]*"token_url"/);
});
