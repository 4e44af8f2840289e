import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { Child } from "../src/cli/test-kit/child.ts";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { openStore } from "../src/open-store.ts";
import type { Posthorn, PosthornOptions } from "../src/posthorn.ts";
import { SecretBox } from "../src/secrets/secret-box.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import type { SealedShelf } from "../src/store/shelves/sealed.ts";
import { reseal } from "../src/webhooks/resealing/resealing.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { openRaw, scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const server = scratchServer();

/** This many more, enough for several transactions. */
const MANY = 600;

const newSecret = () => `whsec_${randomBytes(24).toString("base64")}`;

/** Deliveries that all need something sealed, an hour from now. */
async function fill(posthorn: Posthorn, url: string) {
  const [own, secret] = [newSecret(), newSecret()];
  const { endpoints } = posthorn.webhooks;
  const auth = { kind: "bearer", token: "t0ken" } as const;
  const options = { url: `${url}/endpoint`, headers: { "x-own": "h0" }, auth, secret };
  const { endpoint } = await endpoints.create("acme", options);
  const later = { delay: "1h" } as const;
  const event = { tenant: "acme", type: "a", payload: 1, headers: { "x-event": "h1" }, ...later };
  await posthorn.webhooks.send(event);
  await posthorn.webhooks.deliver({ targetUrl: `${url}/server`, payload: 1, ...later });
  const headers = { "x-own": "h2" };
  await posthorn.webhooks.deliver({ targetUrl: `${url}/own`, payload: 1, headers, secret: own, ...later });
  const many = Array.from({ length: MANY }, (_, n) =>
    posthorn.webhooks.deliver({ targetUrl: `${url}/many`, payload: n, secret: own, ...later }),
  );
  await Promise.all(many);
  return { endpoint, secrets: { endpoint: secret, own, server: posthorn.signingSecret() } };
}

type Filled = Awaited<ReturnType<typeof fill>>;

/** Sends what waits, and one event more. */
async function assertOpens(t: TestContext, options: Partial<PosthornOptions>, filled: Filled) {
  const receiver = await Receiver.start(t);
  const posthorn = await open(t, { ...options, worker: false, allowTargets: ["127.0.0.1"] });
  const { endpoints } = posthorn.webhooks;
  assert.equal((await endpoints.secret("acme", filled.endpoint.id)).secret, filled.secrets.endpoint);
  assert.equal(posthorn.signingSecret(), filled.secrets.server);
  await endpoints.patch("acme", filled.endpoint.id, { url: `${receiver.url}/endpoint` });
  assert.equal((await endpoints.test("acme", filled.endpoint.id)).succeeded, true);
  const [{ text = "", headers } = {}] = receiver.ledger;
  assert.ok(headers);
  new Webhook(filled.secrets.endpoint).verify(text, headers as Record<string, string>); // one value each
  assert.deepEqual([headers["x-own"], headers.authorization], ["h0", "Bearer t0ken"]);
  await posthorn.close();
}

/** A shelf whose process ends after this many transactions. */
async function dyingAfter(t: TestContext, database: string, most: number): Promise<SealedShelf> {
  const store = await openStore(database);
  t.after(() => store.close());
  let left = most;
  return {
    list: (...page) => store.sealed.list(...page),
    replace: (...changes) => {
      if (left-- === 0) throw new Error("it was killed");
      return store.sealed.replace(...changes);
    },
  };
}

test("with a key file, everything is sealed with a new key, however often that is killed in the middle", async (t) => {
  const database = scratchDatabase();
  const keyFile = `${database}.key`;
  const receiver = await Receiver.start(t);
  const first = await open(t, { database, worker: false, allowTargets: ["127.0.0.1"] });
  const filled = await fill(first, receiver.url);
  await first.close();
  const old = readFileSync(keyFile, "utf8").trim();
  const argv = ["secrets", "rotate-master", "--database", database];
  const keys = () => readFileSync(keyFile, "utf8").trim().split(",");

  const raw = openRaw(t, database);
  // the second thing that it seals takes it hours
  raw.exec(`
    create trigger hours before update on endpoints begin
      select count(*) from (with recursive n (n) as (select 1 union all select n + 1 from n) select n from n);
    end`);
  const killed = new Child(t, argv);
  await until("it has begun", () => keys().length === 2);
  killed.process.kill("SIGKILL");
  assert.equal(await killed.exit(), "SIGKILL");
  assert.deepEqual([keys().length, keys()[1]], [2, old], "what starts now opens everything");
  raw.exec("drop trigger hours");
  await assertOpens(t, { database }, filled);

  await assert.rejects(reseal(await dyingAfter(t, database, 3), SecretBox.open(keys().join(","))), /killed/);
  await assertOpens(t, { database }, filled);

  raw.exec("insert into secrets select 'moved', sealed from secrets");
  const refused = await ran(argv);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /cannot be decrypted with any of these keys.*: secrets of moved; keep the old key/,
  );
  assert.equal(keys().length, 2);
  raw.exec("delete from secrets where name = 'moved'");

  assert.equal((await ran(argv)).code, 0);
  assert.equal(keys().length, 1);
  assert.notEqual(keys()[0], old);
  await assertOpens(t, { database }, filled);
});

test("while servers run that have both keys, everything is sealed with the first of them, and then one is enough", async (t) => {
  const database = await server.newDatabase();
  const [old, key] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString("base64"));
  assert.ok(old && key);
  const receiver = await Receiver.start(t);
  const before = await open(t, { database, masterKey: old, worker: false, allowTargets: ["127.0.0.1"] });
  const filled = await fill(before, receiver.url);
  await before.close();

  const running = await open(t, { database, masterKey: `${key},${old}`, allowTargets: ["127.0.0.1"] });
  const argv = ["secrets", "rotate-master", "--database", database, "--json"];
  const one = await ran(argv, { POSTHORN_MASTER_KEY: key });
  assert.match(one.stderr, /holds one key/);
  const first = await ran(argv, { POSTHORN_MASTER_KEY: `${key},${old}` });
  assert.ok(JSON.parse(first.stdout).resealed > MANY, first.stderr);
  const again = await ran(argv, { POSTHORN_MASTER_KEY: `${key},${old}` });
  assert.deepEqual(JSON.parse(again.stdout), { resealed: 0 });
  await running.webhooks.endpoints.patch("acme", filled.endpoint.id, { url: `${receiver.url}/later` });
  await running.webhooks.send({ tenant: "acme", type: "a", payload: 2 });
  const delivery = await receiver.nth(0);
  new Webhook(filled.secrets.endpoint).verify(delivery.text, delivery.headers as Record<string, string>); // as above
  await running.close();

  await assert.rejects(open(t, { database, masterKey: old }), /cannot be decrypted with this master key/);
  await assertOpens(t, { database, masterKey: key }, filled);
});
