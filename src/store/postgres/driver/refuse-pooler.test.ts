import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreUnusableError } from "../../../core/errors.ts";
import { enqueue, newJob } from "../../test-kit/stored-jobs.ts";
import { openPostgresStore } from "../postgres-store.ts";
import { type PoolMode, startPooler } from "../test-kit/pooler.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();

async function through(t: TestContext, mode: PoolMode, options?: { size?: number; turns?: boolean }) {
  const direct = await server.newDatabase();
  const pooler = await startPooler(direct, mode, options);
  t.after(() => pooler.stop());
  return { direct, url: pooler.url };
}

test("a pooler in transaction mode is refused with what to do, before anything is set or made through it", async (t) => {
  for (const options of [{}, { turns: true }, { size: 2, turns: true }, { size: 3, turns: true }]) {
    const { direct, url } = await through(t, "transaction", options);
    await assert.rejects(openPostgresStore({ url }), (error) => {
      assert.ok(error instanceof StoreUnusableError, `${JSON.stringify(options)}: ${error}`);
      assert.match(
        error.message,
        /pooler in transaction mode.* Connect directly, or through a pooler in session mode$/,
      );
      return true;
    });
    const client = await connectForTest(t, direct);
    const { rows } = await client.query("select from pg_namespace where nspname = 'posthorn'");
    assert.equal(rows.length, 0);
    const pooled = await connectForTest(t, url);
    for (let count = 0; count < 4; count++) {
      const { rows: settings } = await pooled.query("select current_setting('enable_seqscan') as value");
      assert.deepEqual(settings, [{ value: "on" }]);
    }
  }
});

test("a pooler in statement mode is refused as well", async (t) => {
  const { url } = await through(t, "statement");
  await assert.rejects(openPostgresStore({ url }), /pooler in transaction mode/);
});

test("a pooler in session mode is accepted", async (t) => {
  const { direct, url } = await through(t, "session", { size: 20 });
  const store = await openForTest(t, url);
  const job = newJob();
  await enqueue(store, [job]);
  const other = await openForTest(t, direct);
  assert.equal((await other.records.get(job.id))?.status, "queued");
});
