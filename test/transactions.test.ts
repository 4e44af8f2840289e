import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext, test } from "node:test";
import { type Posthorn, request, type SettledGroup, TransactionError, task } from "../src/posthorn.ts";
import { connectForTest, scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { open } from "./support/posthorn.ts";
import { scratchDatabase } from "./support/scratch.ts";

const server = scratchServer();
const TARGET = "http://127.0.0.1:9/hooks";

interface Opened {
  readonly posthorn: Posthorn;
  /** Of the caller's own, on the same database. */
  readonly tx: unknown;
  run(sql: string): Promise<unknown>;
}

const DATABASES: Readonly<Record<string, (t: TestContext) => Promise<Opened>>> = {
  async SQLite(t) {
    const database = scratchDatabase();
    const posthorn = await open(t, { database, worker: false, allowTargets: ["127.0.0.1"] });
    const tx = new DatabaseSync(database, { timeout: 5_000 });
    t.after(() => tx.close());
    return { posthorn, tx, run: async (sql) => tx.exec(sql) };
  },
  async PostgreSQL(t) {
    const database = await server.newDatabase();
    const masterKey = randomBytes(32).toString("base64");
    const options = { database, masterKey, worker: false, allowTargets: ["127.0.0.1"] };
    const posthorn = await open(t, options);
    const tx = await connectForTest(t, database);
    return { posthorn, tx, run: (sql) => tx.query(sql) };
  },
};

const receipt = task<{ order: number }>("receipt");
const counted = task<SettledGroup>("counted");
const IDEMPOTENCY = { scope: "shop", key: "order 1", fingerprint: "1" };

for (const [name, openedOn] of Object.entries(DATABASES)) {
  describe(name, () => {
    test("a webhook, a task and a group of tasks share the fate of one transaction of the caller's", async (t) => {
      const { posthorn, tx, run } = await openedOn(t);
      await run("create table orders (id integer primary key)");
      const accept = async () => {
        await run("begin");
        await run("insert into orders values (1)");
        const webhook = await posthorn.webhooks.deliver({ targetUrl: TARGET, payload: { order: 1 }, tx });
        const job = await posthorn.enqueue(receipt, { order: 1 }, { tx });
        const requests = [2, 3].map((order) => request(receipt, { order }));
        const many = await posthorn.enqueueMany(requests, { onSettled: counted, tx });
        const none = await posthorn.enqueueMany([], { onSettled: counted, tx });
        const ids = [webhook.jobId, job.jobId, ...many.jobIds];
        return { ids, groups: [many.groupId ?? "", none.groupId ?? ""] };
      };
      const dropped = await accept();
      await run("rollback");
      assert.deepEqual(await posthorn.jobs.list(), []);
      assert.equal(await posthorn.jobs.group(dropped.groups[0] ?? ""), undefined);
      const { ids, groups } = await accept();
      assert.deepEqual(await posthorn.jobs.list(), [], "not before the commit");
      await run("commit");
      const listed = await posthorn.jobs.list();
      assert.deepEqual(listed.map(({ task }) => task).sort(), [
        "counted",
        "receipt",
        "receipt",
        "receipt",
        "webhook.deliver",
      ]);
      for (const id of ids) assert.equal((await posthorn.jobs.get(id)).status, "queued");
      const totals = await Promise.all(groups.map(async (id) => (await posthorn.jobs.group(id))?.total));
      assert.deepEqual(totals, [2, 0]);
    });

    test("idempotency keys count in the caller's transaction, and are unused when it is rolled back", async (t) => {
      const { posthorn, tx, run } = await openedOn(t);
      const one = () => posthorn.enqueue(receipt, { order: 1 }, { tx }, IDEMPOTENCY);
      const many = () =>
        posthorn.enqueueMany(
          [request(receipt, { order: 1 })],
          { onSettled: counted, tx },
          { ...IDEMPOTENCY, key: "many" },
        );
      await run("begin");
      const [dropped] = [await one(), await many()];
      await run("rollback");
      await run("begin");
      const [first, several] = [await one(), await many()];
      assert.notEqual(first.jobId, dropped.jobId);
      assert.deepEqual([first.replayed, several.replayed], [false, false]);
      await run("commit");
      await run("begin");
      assert.deepEqual(await one(), { ...first, replayed: true });
      assert.deepEqual(await many(), { ...several, replayed: true });
      await run("commit");
      assert.equal((await posthorn.jobs.list()).length, 2);
    });

    test("outside a transaction, the same call is one, and a repeated one is answered with its jobs", async (t) => {
      const { posthorn } = await openedOn(t);
      const requests = Array.from({ length: 300 }, (_, order) => request(receipt, { order }));
      const ask = () => posthorn.enqueueMany(requests, { onSettled: counted }, IDEMPOTENCY);
      const [first, again] = await Promise.all([ask(), ask()]);
      const later = await ask();
      const answers = [first, again, later];
      assert.deepEqual(answers.map(({ replayed }) => replayed).sort(), [false, true, true]);
      for (const { jobIds, groupId } of answers) {
        assert.deepEqual(jobIds, first?.jobIds);
        assert.equal(groupId, first?.groupId);
      }
      assert.equal((await posthorn.jobs.group(first?.groupId ?? ""))?.total, 300);
      assert.equal((await posthorn.jobs.list({}, { limit: 999 })).length, 300);
    });

    test("a repeated call is answered with the live jobs that the first one was given", async (t) => {
      const { posthorn } = await openedOn(t);
      const live = await posthorn.enqueue(receipt, { order: 1 }, { key: "order 1" });
      const ask = () =>
        posthorn.enqueueMany(
          [request(receipt, { order: 1 }, { key: "order 1" }), request(receipt, { order: 2 })],
          {},
          IDEMPOTENCY,
        );
      const first = await ask();
      assert.equal(first.jobIds[0], live.jobId);
      assert.deepEqual(await ask(), { ...first, replayed: true });
    });

    test("what is not a transaction is refused by each of them", async (t) => {
      const { posthorn, tx } = await openedOn(t);
      await assert.rejects(
        posthorn.webhooks.deliver({ targetUrl: TARGET, payload: 1, tx }),
        TransactionError,
      );
      await assert.rejects(posthorn.enqueue(receipt, { order: 1 }, { tx }), TransactionError);
      await assert.rejects(posthorn.enqueueMany([request(receipt, { order: 1 })], { tx }), TransactionError);
      assert.deepEqual(await posthorn.jobs.list(), []);
    });
  });
}
