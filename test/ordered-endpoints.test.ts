import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Child } from "../src/cli/test-kit/child.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const MASTER_KEY = Buffer.alloc(32, 3).toString("base64");
const ENDPOINTS = ["one", "two"];
const EVENTS = 14;
const KILLS = 2;

async function startWorker(t: TestContext, database: string): Promise<Child> {
  const env = { POSTHORN_MASTER_KEY: MASTER_KEY, POSTHORN_DATABASE: database };
  const worker = new Child(t, ["worker", "--json", "--allow-targets", "127.0.0.1"], env);
  await worker.shows("stdout", /"pid":/);
  return worker;
}

async function keepsOrder(t: TestContext, database: string): Promise<void> {
  /** Events whose deliveries fail until their attempts are used up. */
  const failing = new Set<string>();
  const failedOnce = new Set<string>();
  const receiver = await Receiver.start(t, (delivery) => {
    const key = delivery.path + delivery.id;
    const isFirstOfSome = Number(delivery.text) % 4 === 1 && !failedOnce.has(key);
    failedOnce.add(key);
    const fails = isFirstOfSome || failing.has(delivery.id);
    setTimeout(() => delivery.answer(fails ? 500 : 200), 5);
  });
  const here = await open(t, { database, masterKey: MASTER_KEY, worker: false, allowTargets: ["127.0.0.1"] });
  for (const uid of ENDPOINTS)
    await here.webhooks.endpoints.create("acme", {
      ...{ uid, url: `${receiver.url}/${uid}`, limits: { ordered: true } },
      retry: { attempts: 2, delays: ["10ms"] },
    });
  /** By their place: what should come to each endpoint. */
  const sent: string[] = [];
  const send = async () => {
    const { eventId } = await here.webhooks.send({ tenant: "acme", type: "a", payload: sent.length });
    sent.push(eventId);
  };
  await send();
  const [first = ""] = sent;
  failing.add(first);
  const workers = await Promise.all([startWorker(t, database), startWorker(t, database)]);
  let victim = workers[0];
  const sending = (async () => {
    while (sent.length < EVENTS) await send();
  })();
  for (let kill = 1; kill <= KILLS; kill++) {
    const enough = (kill * ENDPOINTS.length * EVENTS) / (KILLS + 1);
    await until(`${enough} attempts were made`, () => receiver.ledger.length >= enough);
    victim.process.kill("SIGKILL");
    await victim.exit();
    victim = await startWorker(t, database);
  }
  await sending;
  const haveEnded = () =>
    until("all have ended", async () => {
      const jobs = await here.jobs.list();
      return jobs.every(({ finishedAt }) => finishedAt !== null);
    });
  await haveEnded();
  assert.equal((await here.jobs.list({ status: "failed" })).length, ENDPOINTS.length);
  failing.clear();
  for (let n = 0; n < 3; n++) await send();
  for (const uid of ENDPOINTS) await here.webhooks.redeliver("acme", first, uid);
  await haveEnded();

  for (const uid of ENDPOINTS) {
    const ids = receiver.ledger.flatMap(({ path, id }) => (path === `/${uid}` ? [id] : []));
    const cameIn = ids.filter((id, at) => id !== ids[at - 1]);
    assert.deepEqual(
      cameIn,
      [...sent, first],
      "each event after the one before it has ended; redelivered, last",
    );
  }
}

describe("an ordered endpoint gets its events in their order through failures, kills, a second worker and redelivery", () => {
  const server = scratchServer();

  test("on SQLite", (t) => keepsOrder(t, scratchDatabase()));

  test("on PostgreSQL", async (t) => keepsOrder(t, await server.newDatabase()));
});
