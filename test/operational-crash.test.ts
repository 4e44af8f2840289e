import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Child } from "../src/cli/test-kit/child.ts";
import { type OperationalEvent, openPosthorn } from "../src/posthorn.ts";
import { verify } from "../src/receiver/verify.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { storeOf } from "../src/store/store-of.ts";
import { newSecret } from "../src/webhooks/signing/signing-key.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

const MASTER_KEY = Buffer.alloc(32, 4).toString("base64");

/** Two secrets, two URLs: what the options of one start ask for, and of the next. */
async function isToldAfterAKill(t: TestContext, database: string): Promise<void> {
  const [secret, another] = [newSecret(), newSecret()];
  const alerts = await Receiver.start(t);
  const env = { POSTHORN_MASTER_KEY: MASTER_KEY, POSTHORN_DATABASE: database };
  const flags = ["--no-worker", "--operational-url", `${alerts.url}/first`, "--operational-secret", secret];
  const first = await Server.startWith(t, env, ...flags);
  const made = await first.api.post("/tenants/acme/endpoints", { uid: "main", url: `${alerts.url}/main` });
  assert.equal(made.status, 201, made.text);
  const disabled = await first.api.post("/tenants/acme/endpoints/main/disable", {});
  assert.equal(disabled.status, 200, disabled.text);
  // what it has answered is durable; nobody has announced it yet
  first.signal("SIGKILL");
  assert.equal(await first.ended(), "SIGKILL");
  assert.equal(alerts.ledger.length, 0);

  const moved = { operationalUrl: `${alerts.url}/second`, operationalSecret: another };
  const here = await open(t, {
    database,
    masterKey: MASTER_KEY,
    worker: false,
    allowTargets: ["127.0.0.1"],
    ...moved,
  });
  const { data } = await here.webhooks.endpoints.list("posthorn");
  assert.deepEqual(
    data.map(({ uid, url }) => [uid, url]),
    [["operational-url", `${alerts.url}/second`]],
  );
  await here.close();

  // a worker needs no option: what is registered is told
  const worker = new Child(t, ["worker", "--json", "--allow-targets", "127.0.0.1"], env);
  const delivery = await alerts.nth(0);
  assert.equal(delivery.path, "/second");
  const event = JSON.parse(delivery.text) as OperationalEvent; // as documented
  assert.deepEqual(
    [event.type, "tenant_uid" in event.data && event.data.tenant_uid],
    ["posthorn.endpoint.disabled", "acme"],
  );
  for (const each of [secret, another])
    verify(delivery.bytes, new Headers(delivery.headers as Record<string, string>), each);
  worker.process.kill("SIGTERM");
  assert.equal(await worker.exit(), 0);
  const again = await open(t, { database, masterKey: MASTER_KEY, worker: false });
  assert.equal((await again.webhooks.events.list("posthorn")).data.length, 1);
  assert.deepEqual([...alerts.counts().values()], [1]);
}

/** Two processes that do so at the same time. */
async function isToldOnce(t: TestContext, database: string): Promise<void> {
  const options = { database, masterKey: MASTER_KEY, worker: false };
  const [one, two] = [await open(t, options), await open(t, options)];
  await one.webhooks.endpoints.create("posthorn", { url: "https://alerts.example.com/" });
  await one.webhooks.endpoints.create("acme", { uid: "main", url: "https://hooks.example.com/" });
  for (let n = 0; n < 10; n++) {
    await one.webhooks.endpoints.disable("acme", "main");
    await two.webhooks.endpoints.enable("acme", "main");
  }
  const { operationalEvents } = storeOf(one);
  await until(
    "nothing is left to tell",
    async () => (await operationalEvents.due(Date.now() + 60_000, 1)).length === 0,
  );
  const { data } = await one.webhooks.events.list("posthorn", { limit: 100 });
  const counts = new Map<string, number>();
  for (const { type, jobs } of data) counts.set(type, (counts.get(type) ?? 0) + jobs);
  assert.deepEqual(Object.fromEntries(counts), {
    "posthorn.endpoint.disabled": 10,
    "posthorn.endpoint.enabled": 10,
  });
}

describe("operators are told once that an endpoint was disabled, even though the server that did it is killed", () => {
  const server = scratchServer();

  test("on SQLite", (t) => isToldAfterAKill(t, scratchDatabase()));

  test("on PostgreSQL", async (t) => isToldAfterAKill(t, await server.newDatabase()));

  test("on SQLite, when two processes are there to tell", (t) => isToldOnce(t, scratchDatabase()));

  test("on PostgreSQL, when two processes are there to tell", async (t) =>
    isToldOnce(t, await server.newDatabase()));
});

test("a URL and a secret that cannot be used are refused at the start, by the names of their options", async () => {
  const database = ":memory:";
  const wrong = [
    [{ operationalUrl: "http://10.0.0.1/" }, /operationalUrl \(--operational-url\) .*10\.0\.0\.1/],
    [{ operationalUrl: "ftp://alerts.example.com/" }, /operationalUrl/],
    [
      { operationalUrl: "https://alerts.example.com/", operationalSecret: "short" },
      /operationalSecret \(--operational-secret\)/,
    ],
    [{ operationalSecret: newSecret() }, /operationalUrl \(--operational-url\), which is missing/],
  ] as const;
  for (const [options, message] of wrong)
    await assert.rejects(openPosthorn({ database, worker: false, ...options }), {
      name: "ConfigurationError",
      message,
    });
});
