import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SvixOperation } from "../src/http/svix/operation.ts";
import { DEFAULT_ORGANIZATION } from "../src/http/svix/organization.ts";
import { SVIX_OPERATIONS } from "../src/http/svix/svix-api.ts";
import type { Role } from "../src/store/shelves/api-keys.ts";
import type { Capability } from "../src/webhooks/portal/capabilities.ts";
import { SvixServer, svixToken } from "./support/svix.ts";

type Rule = readonly [needs: Role | "none", scope: SvixOperation["scope"]];

/** Whom each operation is for. One that is not here fails the first test below. */
const RULES: Readonly<Record<string, Rule>> = {
  "v1.application.list": ["read", "organization"],
  "v1.application.create": ["manage", "organization"],
  "v1.application.get": ["read", "application"],
  "v1.application.update": ["manage", "organization"],
  "v1.application.patch": ["manage", "organization"],
  "v1.application.delete": ["manage", "organization"],
  "v1.endpoint.list": ["read", "application"],
  "v1.endpoint.create": ["manage", "application"],
  "v1.endpoint.get": ["read", "application"],
  "v1.endpoint.update": ["manage", "application"],
  "v1.endpoint.patch": ["manage", "application"],
  "v1.endpoint.delete": ["manage", "application"],
  "v1.endpoint.get-secret": ["manage", "application"],
  "v1.endpoint.rotate-secret": ["manage", "application"],
  "v1.endpoint.send-example": ["manage", "organization"],
  "v1.endpoint.get-headers": ["manage", "application"],
  "v1.endpoint.update-headers": ["manage", "application"],
  "v1.endpoint.patch-headers": ["manage", "application"],
  "v1.endpoint.get-stats": ["read", "application"],
  "v1.endpoint.get-attempt-stats": ["read", "application"],
  "v1.event-type.list": ["read", "application"],
  "v1.event-type.create": ["manage", "organization"],
  "v1.event-type.get": ["read", "application"],
  "v1.event-type.update": ["manage", "organization"],
  "v1.event-type.patch": ["manage", "organization"],
  "v1.event-type.delete": ["manage", "organization"],
  "v1.message.precheck": ["read", "organization"],
  "v1.message.bulk-expunge-content": ["manage", "organization"],
  "v1.message.expunge-all-contents": ["manage", "organization"],
  "v1.message.create": ["send", "organization"],
  "v1.message.list": ["read", "application"],
  "v1.message.get": ["read", "application"],
  "v1.message.expunge-content": ["manage", "organization"],
  "v1.message-attempt.list-by-endpoint": ["read", "application"],
  "v1.message-attempt.list-by-msg": ["read", "application"],
  "v1.message-attempt.list-by-msg-deprecated": ["read", "application"],
  "v1.message-attempt.list-by-endpoint-deprecated": ["read", "application"],
  "v1.message-attempt.list-attempted-messages": ["read", "application"],
  "v1.message-attempt.list-attempted-destinations": ["read", "application"],
  "v1.message-attempt.get": ["read", "application"],
  "v1.message-attempt.expunge-content": ["manage", "organization"],
  "v1.message-attempt.resend": ["send", "application"],
  "v1.endpoint.recover": ["send", "application"],
  "v1.endpoint.replay-missing": ["send", "application"],
  "v1.endpoint.bulk-replay": ["send", "application"],
  "v1.background-task.list": ["read", "organization"],
  "v1.background-task.get": ["read", "organization"],
  "v1.operational-webhook.endpoint.list": ["manage", "organization"],
  "v1.operational-webhook.endpoint.create": ["manage", "organization"],
  "v1.operational-webhook.endpoint.get": ["manage", "organization"],
  "v1.operational-webhook.endpoint.update": ["manage", "organization"],
  "v1.operational-webhook.endpoint.delete": ["manage", "organization"],
  "v1.operational-webhook.endpoint.get-secret": ["manage", "organization"],
  "v1.operational-webhook.endpoint.rotate-secret": ["manage", "organization"],
  "v1.operational-webhook.endpoint.get-headers": ["manage", "organization"],
  "v1.operational-webhook.endpoint.update-headers": ["manage", "organization"],
  "v1.authentication.app-portal-access": ["manage", "organization"],
  "v1.authentication.dashboard-access": ["manage", "organization"],
  "v1.authentication.logout": ["read", "application"],
  "v1.authentication.expire-all": ["manage", "organization"],
  "v1.health.get": ["none", "everyone"],
  "v1.health.ping": ["none", "everyone"],
};

const ROLES: readonly Role[] = ["read", "send", "manage", "admin"];

let svix: SvixServer;
let ours: Readonly<Record<string, string>>;
let others: Readonly<Record<string, string>>;

before(async () => {
  svix = await SvixServer.open();
  ours = await owned();
  others = await owned();
});

after(() => svix.close());

/** An application with one of everything. */
async function owned(): Promise<Readonly<Record<string, string>>> {
  const { id: app } = await svix.newApp();
  const { id: endpoint } = await svix.get(`POST /app/${app}/endpoint`, { url: "http://127.0.0.1:9/" });
  const { id: msg } = await svix.get(`POST /app/${app}/msg`, { eventType: "a", payload: {} });
  return { app, endpoint, msg, attempt: "atmpt_none", type: "none" };
}

function requestOf({ method, path }: SvixOperation, ids: Readonly<Record<string, string>>): string {
  return `${method} ${path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name)}`;
}

/** With a body that changes nothing: a caller who is admitted learns what is wrong with it, or what does not exist. */
async function statusFor(operation: SvixOperation, ids: Readonly<Record<string, string>>, token: string) {
  const isRead = operation.method === "GET" || operation.method === "DELETE";
  const body = isRead ? undefined : "[";
  return (await svix.ask(requestOf(operation, ids), body, { token })).status;
}

/** What would be done without a body to refuse. */
const DONE_AT_ONCE = [
  "v1.application.delete",
  "v1.endpoint.delete",
  "v1.operational-webhook.endpoint.delete",
  "v1.message.expunge-content",
  "v1.message-attempt.resend",
];

test("every operation has a rule, and every rule an operation", () => {
  const found = SVIX_OPERATIONS.map(({ id, needs, scope }) => [id, [needs, scope]]);
  assert.deepEqual(Object.fromEntries(found), RULES);
});

test("without a token there is nothing but the health checks", async () => {
  for (const operation of SVIX_OPERATIONS)
    assert.equal(
      (await statusFor(operation, ours, "x")) === 401,
      operation.scope !== "everyone",
      operation.id,
    );
});

test("a token of an application sees that one and nothing of another, and does nothing of the organization's", async () => {
  const token = await svixToken({ sub: ours.app, org: DEFAULT_ORGANIZATION });
  for (const operation of SVIX_OPERATIONS) {
    const mine =
      DONE_AT_ONCE.includes(operation.id) && operation.scope === "application"
        ? 404
        : await statusFor(operation, ours, token);
    if (operation.scope === "organization") {
      assert.equal(mine, 403, operation.id);
      assert.equal(await statusFor(operation, others, token), 403, operation.id);
      continue;
    }
    assert.ok(![401, 403].includes(mine), `${operation.id}: ${mine}`);
    if (!operation.path.includes("{app}")) continue;
    const theirs = await svix.ask(
      requestOf(operation, others),
      operation.method === "GET" ? undefined : VALID[operation.id],
      { token },
    );
    assert.deepEqual([theirs.status, theirs.body.code], [404, "not_found"], operation.id);
  }
});

test("a token of an application that is gone, or never was, finds nothing", async () => {
  const token = await svixToken({ sub: "app_01k9zq3v7n8r2m4w6x8y0z1a3b", org: DEFAULT_ORGANIZATION });
  for (const ids of [ours, { ...ours, app: "app_01k9zq3v7n8r2m4w6x8y0z1a3b" }])
    assert.equal((await svix.ask(`GET /app/${ids.app}`, undefined, { token })).status, 404);
});

/** Of what needs another capability than `view` to read, and `endpoints` to change. */
const CAPABILITIES: Readonly<Record<string, Capability>> = {
  "v1.endpoint.get-secret": "secrets",
  "v1.endpoint.rotate-secret": "secrets",
  "v1.endpoint.get-headers": "headers",
  "v1.endpoint.update-headers": "headers",
  "v1.endpoint.patch-headers": "headers",
  "v1.message-attempt.resend": "retry",
  "v1.endpoint.recover": "replay",
  "v1.endpoint.replay-missing": "replay",
  "v1.endpoint.bulk-replay": "replay",
};

for (const capability of ["view", "endpoints", "secrets", "headers", "retry", "replay"] as const)
  test(`a session of the portal that has the capability ${capability} does what that is for, in its application`, async () => {
    const { token } = await svix.posthorn.webhooks.portal.create(ours.app ?? "", {
      capabilities: [capability],
    });
    for (const operation of SVIX_OPERATIONS) {
      const { id, needs, scope } = operation;
      if (scope === "everyone") continue;
      const may =
        scope === "application" &&
        (CAPABILITIES[id] ?? (needs === "read" ? "view" : "endpoints")) === capability;
      if (may && DONE_AT_ONCE.includes(id)) continue;
      if (id === "v1.authentication.logout") continue;
      assert.equal((await statusFor(operation, ours, token)) === 403, !may, id);
      if (!may || !operation.path.includes("{app}")) continue;
      const body = operation.method === "GET" ? undefined : VALID[id];
      assert.equal((await svix.ask(requestOf(operation, others), body, { token })).status, 404, id);
    }
  });

test("access to the portal is given for an application, which is made where it is described, and taken back", async () => {
  const letIn = (app: string, body?: object) => svix.ask(`POST /auth/app-portal-access/${app}`, body);
  const { status, body } = await letIn(ours.app ?? "", {});
  assert.equal(status, 200);
  const [page, key = ""] = body.url.split("#key=");
  assert.equal(page, "http://127.0.0.1:8000/portal/login");
  const { appId, code } = JSON.parse(Buffer.from(key, "base64").toString());
  assert.equal(appId, ours.app);
  assert.match(code, /^phc_/);
  const seen = await svix.ask(`GET /app/${ours.app}`, undefined, { token: body.token });
  assert.deepEqual([seen.status, seen.headers.get("access-control-allow-origin")], [200, "*"]);
  assert.equal((await svix.ask(`GET /app/${others.app}`, undefined, { token: body.token })).status, 404);
  const patched = { description: "by them" };
  assert.equal(
    (await svix.ask(`PATCH /app/${ours.app}/endpoint/${ours.endpoint}`, patched, { token: body.token }))
      .status,
    200,
  );
  assert.equal((await svix.ask("POST /auth/logout", undefined, { token: body.token })).status, 204);
  assert.equal((await svix.ask(`GET /app/${ours.app}`, undefined, { token: body.token })).status, 401);

  const readOnly = (await letIn(ours.app ?? "", { readOnly: true })).body.token;
  assert.equal(
    (await svix.ask(`PATCH /app/${ours.app}/endpoint/${ours.endpoint}`, patched, { token: readOnly })).status,
    403,
  );
  for (const capabilities of [[], ["ManageTransformations"]]) {
    const { token } = (await letIn(ours.app ?? "", { capabilities })).body;
    const path = `/app/${ours.app}/endpoint/${ours.endpoint}`;
    assert.equal((await svix.ask(`GET ${path}`, undefined, { token })).status, 200);
    assert.equal((await svix.ask(`PATCH ${path}`, patched, { token })).status, 403);
    assert.equal((await svix.ask(`GET ${path}/secret`, undefined, { token })).status, 403);
  }
  const manager = (await letIn(ours.app ?? "", { capabilities: ["ViewBase", "ManageEndpoint"] })).body.token;
  const secret = await svix.ask(`GET /app/${ours.app}/endpoint/${ours.endpoint}/secret`, undefined, {
    token: manager,
  });
  assert.equal(secret.status, 200);
  assert.equal((await svix.ask(`POST /auth/app/${ours.app}/expire-all`)).status, 204);
  assert.equal((await svix.ask(`GET /app/${ours.app}`, undefined, { token: readOnly })).status, 401);

  assert.equal((await svix.ask(`POST /auth/dashboard-access/${ours.app}`)).status, 200);
  assert.equal((await letIn("portal-new", {})).status, 404);
  const described = async (application: object) =>
    (await letIn("portal-new", { application })).body.detail?.[0].type;
  assert.equal(await described({ name: "New" }), "application_uid_missing");
  assert.equal(await described({ name: "New", uid: "x" }), "application_uid_mismatch");
  assert.equal(await described({ name: "New", uid: "portal-new" }), undefined);
  assert.equal(await described({ name: "Other", uid: "y" }), undefined, "it is there now");
  assert.equal((await svix.get("GET /app/portal-new")).name, "New");
  for (const wrong of [{ expiry: 1 }, { capabilities: ["All"] }, { sessionId: "a b" }, { featureFlags: "x" }])
    assert.equal((await letIn("portal-new", wrong)).status, 422, JSON.stringify(wrong));
});

test("a key that may not see payloads is shown none, nor what endpoints answered", async () => {
  const { token } = await svix.keys.create({ name: "blind", role: "read", payloads: "none" });
  await svix.get(`POST /app/${ours.app}/msg`, {
    eventType: "a",
    eventId: "secret",
    payload: { name: "Ada" },
  });
  for (const path of ["msg/secret", "msg?limit=1"]) {
    const shown = await svix.get(`GET /app/${ours.app}/${path}`, undefined, { token });
    assert.ok(!JSON.stringify(shown).includes("Ada"), path);
  }
});

test("an application's token sees the event types that are for everyone, and those it has the flag for", async () => {
  for (const [name, featureFlag] of [
    ["flag.none", null],
    ["flag.beta", "beta"],
    ["flag.alpha", "alpha"],
  ])
    await svix.get("POST /event-type", { name, description: "", featureFlag });
  const claims = { sub: ours.app, org: DEFAULT_ORGANIZATION };
  const seen = async (token: string) =>
    (await svix.get("GET /event-type", undefined, { token })).data.map(({ name }: { name: string }) => name);
  const plain = await svixToken(claims);
  const beta = await svixToken({ ...claims, feature_flags: ["beta"] });
  assert.deepEqual(await seen(plain), ["flag.none"]);
  assert.deepEqual(await seen(beta), ["flag.beta", "flag.none"]);
  assert.deepEqual(await seen(await svixToken()), ["flag.alpha", "flag.beta", "flag.none"]);
  const session = async (featureFlags: string[]) =>
    (await svix.get(`POST /auth/app-portal-access/${ours.app}`, { featureFlags })).token;
  assert.deepEqual(await seen(await session([])), ["flag.none"]);
  assert.deepEqual(await seen(await session(["alpha", "beta"])), ["flag.alpha", "flag.beta", "flag.none"]);
  const status = async (name: string, token: string) =>
    (await svix.ask(`GET /event-type/${name}`, undefined, { token })).status;
  assert.deepEqual(
    [await status("flag.beta", plain), await status("flag.beta", beta), await status("flag.alpha", beta)],
    [404, 200, 404],
  );
});

for (const role of ROLES)
  test(`an API key with the role ${role} does what the role is for; one that is bound sees its tenant only`, async () => {
    const { token } = await svix.keys.create({ name: role, role });
    const { token: bound } = await svix.keys.create({ name: `${role}, bound`, role, tenant: ours.app ?? "" });
    for (const operation of SVIX_OPERATIONS) {
      const { needs, scope } = operation;
      const may = needs === "none" || ROLES.indexOf(role) >= ROLES.indexOf(needs);
      if (may && DONE_AT_ONCE.includes(operation.id)) continue;
      assert.equal((await statusFor(operation, ours, token)) === 403, !may, operation.id);
      const isForbidden = !may || scope === "organization";
      assert.equal((await statusFor(operation, ours, bound)) === 403, isForbidden, operation.id);
      if (isForbidden || !operation.path.includes("{app}")) continue;
      const theirs = await svix.ask(
        requestOf(operation, others),
        operation.method === "GET" ? undefined : VALID[operation.id],
        { token: bound },
      );
      assert.equal(theirs.status, 404, operation.id);
    }
  });

/** Bodies that would be taken, of what an application's token may do. */
const VALID: Readonly<Record<string, object>> = {
  "v1.endpoint.create": { url: "http://127.0.0.1:9/" },
  "v1.endpoint.update": { url: "http://127.0.0.1:9/" },
  "v1.endpoint.patch": { description: "x" },
  "v1.endpoint.recover": { since: "2030-01-31T00:00:00Z" },
  "v1.endpoint.replay-missing": { since: "2030-01-31T00:00:00Z" },
  "v1.endpoint.bulk-replay": { since: "2030-01-31T00:00:00Z" },
  "v1.endpoint.rotate-secret": {},
  "v1.endpoint.update-headers": { headers: {} },
  "v1.endpoint.patch-headers": { headers: {} },
};
