import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newId } from "../src/core/id.ts";
import { openPostgresStore } from "../src/store/postgres/postgres-store.ts";
import { connectForTest, scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
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
    "it is in the endpoint's history",
    async () => (await endpoints.history("acme", endpoint.id)).length > 0,
  );
  const changes = (await endpoints.history("acme", endpoint.id)).map(({ change }) => change);
  assert.deepEqual([told, changes], [1, [{ breaker: ["closed", "open"] }]]);
});

/** Ten deliveries are ready, and three more wait for each of this many endpoints whose breakers are open. */
async function fill(store: Store, open: number): Promise<void> {
  const now = Date.now();
  const tenant = newId("app", now);
  const laneOf = () => `${tenant}/${newId("ep", now)}`;
  const accept = (jobs: ReturnType<typeof testJob>[]) =>
    store.queue.commit({ now, enqueues: jobs.map((job) => ({ job })), settlements: [], claim: undefined });
  const held = Array.from({ length: open }, laneOf);
  await accept(held.flatMap((lane) => Array.from({ length: 3 }, () => testJob(now, { lane }))));
  for (const lane of held) assert.equal(await store.parking.park(lane, "breaker", 500, now), 3);
  await accept(Array.from({ length: 10 }, () => testJob(now, { lane: laneOf() })));
}

describe("a claim does as much next to 600 endpoints with open breakers as with none", () => {
  const server = scratchServer();

  test("on SQLite, counted by statements", async (t) => {
    const count = new StatementCount(t);
    const statements: number[] = [];
    for (const open of [0, 600]) {
      const store = await openSqliteStore({ file: ":memory:" });
      t.after(() => store.close());
      await fill(store, open);
      const ran = await count.of(async () => assert.equal((await claimReady(store, 20)).length, 10));
      statements.push(ran.length);
    }
    assert.equal(statements[1], statements[0]);
  });

  test("on PostgreSQL, counted by the entries of indexes that it reads", async (t) => {
    const read: number[] = [];
    for (const open of [0, 600]) {
      const url = await server.newDatabase();
      const observer = await connectForTest(t, url);
      const ask = async (sql: string) => Number((await observer.query(sql)).rows[0].n);
      /** PostgreSQL reports reliably what a connection has read only once that has ended. */
      const entriesRead = async (store: Store) => {
        await store.close();
        const others =
          "select count(*) as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        await until("its connections have ended", async () => (await ask(others)) === 0);
        return ask(
          "select sum(idx_tup_read) as n from pg_stat_user_indexes where relname in ('ready', 'parked', 'scheduled')",
        );
      };
      const filling = await openPostgresStore({ url });
      await fill(filling, open);
      const before = await entriesRead(filling);
      const claiming = await openPostgresStore({ url });
      assert.equal((await claimReady(claiming, 20)).length, 10);
      read.push((await entriesRead(claiming)) - before);
    }
    const [none = 0, many = 0] = read;
    assert.ok(none > 0 && many <= none + 10, `${none} with none, ${many} with 600`);
  });
});
