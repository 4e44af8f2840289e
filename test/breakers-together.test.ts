import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../src/core/id.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { claimReady } from "./support/batches.ts";
import { testJob } from "./support/jobs.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { StatementCount } from "./support/statement-count.ts";
import { until } from "./support/until.ts";

test("two processes that see an endpoint fail open its breaker once", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(500));
  const both = [];
  let told = 0;
  for (let n = 0; n < 2; n++) {
    const posthorn = await open(t, { database, allowTargets: ["127.0.0.1"], concurrency: 4 });
    posthorn.on("endpoint.opened", () => void told++);
    both.push(posthorn);
  }
  const [one, other] = both;
  assert.ok(one && other);
  const { endpoint } = await one.webhooks.endpoints.create("acme", {
    url: receiver.url,
    retry: { attempts: 50, delays: ["1h"] },
  });
  for (let n = 0; n < 20; n++)
    for (const { webhooks } of both) await webhooks.send({ tenant: "acme", type: "a", payload: n });
  const { endpoints } = other.webhooks;
  await until("it is open", async () => (await endpoints.health("acme", endpoint.id)).breaker === "open");
  await until(
    "it stands in its history",
    async () => (await endpoints.history("acme", endpoint.id)).length > 0,
  );
  const changes = (await endpoints.history("acme", endpoint.id)).map(({ change }) => change);
  assert.deepEqual([told, changes], [1, [{ breaker: ["closed", "open"] }]]);
});

test("a claim takes the same statements beside 600 endpoints with open breakers as with none", async (t) => {
  const count = new StatementCount(t);
  const statements: number[] = [];
  for (const open of [0, 600]) {
    const store = await openSqliteStore({ file: ":memory:" });
    t.after(() => store.close());
    const now = Date.now();
    const tenant = newId("app", now);
    const laneOf = () => `${tenant}/${newId("ep", now)}`;
    const accept = (jobs: ReturnType<typeof testJob>[]) =>
      store.queue.commit({ now, enqueues: jobs.map((job) => ({ job })), settlements: [], claim: undefined });
    const held = Array.from({ length: open }, laneOf);
    await accept(held.flatMap((lane) => Array.from({ length: 3 }, () => testJob(now, { lane }))));
    for (const lane of held) assert.equal(await store.parking.park(lane, "breaker", 500, now), 3);
    await accept(Array.from({ length: 10 }, () => testJob(now, { lane: laneOf() })));
    const ran = await count.of(async () => assert.equal((await claimReady(store, 20)).length, 10));
    statements.push(ran.length);
  }
  assert.equal(statements[1], statements[0]);
});
