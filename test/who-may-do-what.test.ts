import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Keys, type NewKey } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { type App, createApp } from "../src/http/app.ts";
import { pageFiles } from "../src/http/pages/bundled.ts";
import { openPosthorn, type Posthorn, silentLog } from "../src/posthorn.ts";
import type { Role } from "../src/store/shelves/api-keys.ts";
import { storeOf } from "../src/store/store-of.ts";
import { CAPABILITIES } from "../src/webhooks/portal/capabilities.ts";
import { NOT_FOR_A_TENANT, PORTAL, RULES, type Rule } from "./support/access-rules.ts";
import { claimReady, settleAll } from "./support/batches.ts";
import { scratchDatabase } from "./support/scratch.ts";

/** What is secret in what is sent. */
const SECRET = "what-only-they-should-read";
const SENT = { password: SECRET, n: 1 };

const ROLES: readonly Role[] = ["read", "send", "manage", "admin"];

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly takesCursor: boolean;
  /** That its description gives. */
  readonly example: unknown;
}

/** An operation in the description. */
interface Described {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string }[];
  readonly requestBody?: {
    readonly content: {
      readonly "application/json": {
        readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
      };
    };
  };
}

/** A tenant with one of everything. */
interface Owned {
  readonly uid: string;
  readonly ids: Readonly<Record<string, string>>;
}

describe("who may do what", () => {
  let posthorn: Posthorn;
  let app: App;
  let keys: Keys;
  let operations: readonly Operation[];
  let acme: Owned;
  let trial: Owned;
  let portalFile: string;

  before(async () => {
    posthorn = await openPosthorn({
      database: scratchDatabase(),
      worker: false,
      log: silentLog,
      masterKey: Buffer.alloc(32, 7).toString("base64"),
      allowTargets: ["127.0.0.1"],
    });
    keys = new Keys(storeOf(posthorn).keys, systemClock);
    app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
    acme = await ownedBy("acme", "live");
    trial = await ownedBy("trial", "test");
    operations = await described();
    portalFile = (await pageFiles("portal")).style;
  });

  after(() => posthorn.close());

  async function ownedBy(uid: string, mode: "live" | "test"): Promise<Owned> {
    const { id: tenant } = await posthorn.webhooks.tenants.create({ uid, mode });
    const { endpoint } = await posthorn.webhooks.endpoints.create(uid, { url: "http://127.0.0.1:9/" });
    const { eventId } = await posthorn.webhooks.send({ tenant: uid, type: "a", payload: SENT });
    const [job] = await posthorn.jobs.list({ event: eventId });
    await settleAll(storeOf(posthorn), await claimReady(storeOf(posthorn), 1));
    const { data } = await posthorn.webhooks.attempts.ofEndpoint(uid, endpoint.id);
    const [attempt] = data;
    assert.ok(job && attempt);
    const fingerprint = createHash("sha256").update(uid).digest("hex").slice(0, 16);
    const failed = { sample: "HTTP 503", sampleJob: job.id, firstAt: 1, lastAt: 1, n: 1 };
    const place = { task: "webhook.deliver", lane: `${tenant}/${endpoint.id}`, tenant, class: "5xx" };
    await storeOf(posthorn).failureGroups.add([{ fingerprint, ...place, ...failed }]);
    const { run } = await posthorn.bulk.start({ action: "redeliver", filter: { tenant: uid } });
    return {
      uid,
      ids: {
        tenant,
        endpoint: endpoint.id,
        event: eventId,
        job_id: job.id,
        attempt: attempt.id,
        bulk_run: run.id,
        fingerprint,
      },
    };
  }

  const tokens = new Map<string, Promise<string>>();
  function tokenOf(
    role: Role,
    bound: Partial<Pick<NewKey, "tenant" | "mode" | "payloads">> = {},
  ): Promise<string> {
    const name = JSON.stringify([role, bound]);
    const token = tokens.get(name) ?? keys.create({ name, role, ...bound }).then((made) => made.token);
    tokens.set(name, token);
    return token;
  }

  async function ask(token: string, { method }: Operation, path: string, body?: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    return app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
  }

  async function described(): Promise<Operation[]> {
    const token = await tokenOf("admin");
    const get = { id: "", method: "GET", path: "", takesCursor: false, example: undefined };
    const answer = await ask(token, get, "/openapi.json");
    const { paths } = (await answer.json()) as { paths: Record<string, Record<string, Described>> }; // as openapi.test.ts shows
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, parameters, requestBody }]) => ({
        id: operationId,
        method: method.toUpperCase(),
        path,
        takesCursor: parameters.some(({ name }) => name === "cursor"),
        example: Object.values(requestBody?.content["application/json"].examples ?? {})[0]?.value,
      })),
    );
  }

  /** The operation's path with a tenant's ids. */
  function pathTo({ path, id }: Operation, { ids, uid }: Owned): string {
    const file = path.startsWith("/portal") ? portalFile : "page.css";
    const filled = path.replace(
      /\{(\w+)\}/g,
      (_, name: string) => ids[name] ?? (name === "file" ? file : "x"),
    );
    return ["listEvents", "listAudit"].includes(id) ? `${filled}?tenant=${uid}` : filled;
  }

  /** On a tenant's own, with a key that may: refused for what is in the body, so that nothing is done, or shown. */
  async function assertAdmitted(token: string, operation: Operation, owned: Owned): Promise<void> {
    const isLookUp = operation.method === "GET";
    const answer = await ask(
      token,
      operation,
      pathTo(operation, owned),
      isLookUp ? undefined : { "no such": 1 },
    );
    const told = `${operation.id} of ${owned.uid}: ${answer.status}`;
    if (operation.path.includes("{name}") || operation.path.includes("{group_id}")) {
      assert.ok(![401, 403].includes(answer.status), told); // of no tenant, and not there
    } else assert.equal(answer.status, isLookUp ? 200 : 422, told);
    await answer.body?.cancel();
  }

  async function assertStatus(
    token: string,
    operation: Operation,
    owned: Owned,
    status: number,
  ): Promise<void> {
    const isEvent = operation.id === "sendEvent";
    const example = isEvent ? { ...Object(operation.example), tenant: owned.uid } : operation.example;
    const answer = await ask(token, operation, pathTo(operation, owned), example);
    assert.equal(answer.status, status, `${operation.id} of ${owned.uid}: ${await answer.text()}`);
  }

  test("every operation has a rule, and every rule an operation", () => {
    assert.deepEqual(operations.map(({ id }) => id).toSorted(), Object.keys(RULES).toSorted());
  });

  test("without a key there is nothing but what is open to everyone", async () => {
    for (const operation of operations) {
      const answer = await ask("phk_x", operation, pathTo(operation, acme));
      const [needs] = RULES[operation.id] ?? [];
      assert.equal(answer.status === 401, needs !== "none", operation.id);
    }
  });

  for (const role of ROLES) {
    const may = ([needs]: Rule) => needs === "none" || ROLES.indexOf(role) >= ROLES.indexOf(needs);

    test(`a key with the role ${role} that sees everything does what the role is for, and nothing else`, async () => {
      const token = await tokenOf(role);
      for (const operation of operations) {
        for (const owned of [acme, trial]) {
          if (may(ruleOf(operation))) await assertAdmitted(token, operation, owned);
          else await assertStatus(token, operation, owned, 403);
        }
      }
    });

    for (const bound of ["tenant", "mode"] as const) {
      test(`a key with the role ${role} that is bound to a ${bound} sees and does nothing of another`, async () => {
        const token = await tokenOf(
          role,
          bound === "tenant" ? { tenant: acme.ids.tenant ?? "" } : { mode: "live" },
        );
        for (const operation of operations) {
          const rule = ruleOf(operation);
          const [needs, scope] = rule;
          if (!may(rule) || (scope === "server" && needs !== "none")) {
            for (const owned of [acme, trial]) await assertStatus(token, operation, owned, 403);
            continue;
          }
          const isRefused = bound === "tenant" && NOT_FOR_A_TENANT.includes(operation.id);
          if (isRefused) {
            if (operation.id !== "createTenant") await assertStatus(token, operation, trial, 404);
            await assertStatus(token, operation, acme, 403);
            continue;
          }
          await assertAdmitted(token, operation, acme);
          if (scope !== "tenant" || operation.id === "createTenant") continue;
          const namesOne = /\{(tenant|job_id|event|bulk_run|fingerprint)\}/.test(operation.path);
          if (namesOne || ["sendEvent", "listEvents", "listAudit"].includes(operation.id))
            await assertStatus(token, operation, trial, 404);
          await assertNothingShown(token, operation);
        }
      });
    }
  }

  for (const capability of CAPABILITIES) {
    test(`a session of the portal that may ${capability} does that for its own tenant, and nothing else`, async () => {
      const { token } = await posthorn.webhooks.portal.create("acme", { capabilities: [capability] });
      for (const operation of operations) {
        if (ruleOf(operation)[0] === "none") continue;
        if (PORTAL[operation.id] !== capability) {
          for (const owned of [acme, trial]) await assertStatus(token, operation, owned, 403);
          continue;
        }
        await assertAdmitted(token, operation, acme);
        if (
          /\{(tenant|job_id|event|bulk_run|fingerprint)\}/.test(operation.path) ||
          operation.id === "listEvents"
        )
          await assertStatus(token, operation, trial, 404);
        if (!operation.path.includes("{name}")) await assertNothingShown(token, operation);
      }
    });
  }

  test("a session of the portal sets only what it may of an endpoint", async () => {
    const { token } = await posthorn.webhooks.portal.create("acme", { capabilities: ["view", "endpoints"] });
    const create = operations.find(({ id }) => id === "createEndpoint") ?? assert.fail();
    const url = "http://127.0.0.1:9/";
    for (const more of [
      { secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
      { headers: { "x-key": "1" } },
      { auth: { kind: "bearer", token: "t" } },
      { limits: { concurrency: 1 } },
      { retry: { attempts: 100 } },
      { timeout: "5m" },
      { verification: null },
      { egress: "eu" },
    ]) {
      const answer = await ask(token, create, "/tenants/acme/endpoints", { url, ...more });
      assert.equal(answer.status, 403, JSON.stringify(more));
    }
    assert.equal((await ask(token, create, "/tenants/acme/endpoints", { url })).status, 201);
    const replay = operations.find(({ id }) => id === "replayToEndpoint") ?? assert.fail();
    const { token: replayer } = await posthorn.webhooks.portal.create("acme", { capabilities: ["replay"] });
    const path = `/tenants/acme/endpoints/${acme.ids.endpoint}/replay`;
    assert.equal((await ask(replayer, replay, path, { since: "1h", pace: 5_000 })).status, 403);
    const refused = await ask(token, create, "/tenants/acme/endpoints", { url: "http://10.0.0.1/" });
    const told = await refused.text();
    assert.equal(refused.status, 422);
    assert.match(told, /is not an address that deliveries may be sent to/);
    assert.ok(!told.includes("allow-targets"), told);
  });

  test("a session of the portal is not told which key changed an endpoint", async () => {
    const path = `/tenants/acme/endpoints/${acme.ids.endpoint}`;
    const change = operations.find(({ id }) => id === "changeEndpoint") ?? assert.fail();
    const list = operations.find(({ id }) => id === "listEndpointChanges") ?? assert.fail();
    assert.equal((await ask(await tokenOf("admin"), change, path, { description: "new" })).status, 200);
    const { token } = await posthorn.webhooks.portal.create("acme", { capabilities: ["view"] });
    const told = await (await ask(token, list, `${path}/history`)).text();
    assert.match(told, /"actor":"operator"/);
    assert.ok(!told.includes("key_"), told);
  });

  test("a session of the portal that has ended is refused", async () => {
    const { token } = await posthorn.webhooks.portal.create("acme", { sessionId: "theirs" });
    const list = operations.find(({ id }) => id === "listEndpoints") ?? assert.fail();
    assert.equal((await ask(token, list, "/tenants/acme/endpoints")).status, 200);
    assert.equal(await posthorn.webhooks.portal.end("acme", "theirs"), true);
    assert.equal((await ask(token, list, "/tenants/acme/endpoints")).status, 401);
  });

  for (const [payloads, isSeen] of [
    ["full", true],
    ["redacted", false],
    ["none", false],
  ] as const) {
    test(`what is secret in a payload is ${isSeen ? "" : "not "}shown to a key with ${payloads} payloads, wherever it asks`, async () => {
      const token = await tokenOf("admin", { payloads });
      const shown: string[] = [];
      for (const operation of operations.filter(({ method }) => method === "GET")) {
        const answer = await ask(token, operation, pathTo(operation, acme));
        if (answer.headers.get("content-type")?.startsWith("text/event-stream")) {
          await answer.body?.cancel(); // it may never end
          continue;
        }
        const text = await answer.text();
        if (text.includes(SECRET)) shown.push(operation.id);
        const told = answer.headers.get("posthorn-payloads");
        if (text.includes('"payload":'))
          assert.equal(told, isSeen || ruleOf(operation)[1] === "everyone" ? null : payloads);
      }
      assert.deepEqual(shown.toSorted(), isSeen ? ["downloadBackup", "getEvent", "getTenantEvent"] : []);
    });
  }

  test("a key that sees everything is shown less where it asks for less, and never more than it may be", async () => {
    const path = `/webhooks/events/${acme.ids.event}`;
    for (const [payloads, asked, isSeen] of [
      ["full", "redacted", false],
      ["full", "full", true],
      ["redacted", "full", false],
    ] as const) {
      const headers = {
        authorization: `Bearer ${await tokenOf("admin", { payloads })}`,
        "posthorn-payloads": asked,
      };
      const answer = await app.fetch(new Request(`http://127.0.0.1:8000${path}`, { headers }));
      const text = await answer.text();
      assert.equal(text.includes(SECRET), isSeen);
      if (!isSeen) assert.ok(text.includes('"n":1'), "what is no secret stays");
    }
  });

  /** What is listed to one who sees `acme` holds nothing of `trial`, also where a cursor or a filter points there. */
  async function assertNothingShown(token: string, operation: Operation): Promise<void> {
    if (operation.method !== "GET") return;
    await assertNothingShownAt(token, operation, pathTo(operation, acme));
    // of all tenants that the key sees
    if (operation.id === "listEvents") await assertNothingShownAt(token, operation, operation.path);
  }

  async function assertNothingShownAt(token: string, operation: Operation, path: string): Promise<void> {
    const cursors = ["", "a", "b"].flatMap((side) =>
      Object.values(trial.ids).map((id) => Buffer.from(side + id).toString("base64url")),
    );
    for (const cursor of [undefined, ...(operation.takesCursor ? cursors : [])]) {
      const asked = cursor === undefined ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${cursor}`;
      const answer = await ask(token, operation, asked);
      assert.ok([200, 422].includes(answer.status), `${asked}: ${answer.status}`);
      if (answer.headers.get("content-type") !== "application/json") {
        await answer.body?.cancel();
        continue;
      }
      const text = await answer.text();
      for (const id of [trial.uid, ...Object.values(trial.ids)])
        assert.ok(!text.includes(id), `${asked} shows ${id}`);
    }
  }
});

function ruleOf({ id }: Operation): Rule {
  return RULES[id] ?? assert.fail(`${id} has no rule`);
}
