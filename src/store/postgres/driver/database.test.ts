import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError } from "../../../core/errors.ts";
import { connectForTest, scratchServer } from "../test-kit/scratch.ts";
import { startSeveringProxy } from "../test-kit/severing-proxy.ts";
import { Database } from "./database.ts";
import { parseHosts } from "./hosts.ts";
import { adHoc, type Statement, statement } from "./statement.ts";
import type { Transaction } from "./transaction.ts";

const server = scratchServer();

const FAILS = statement("select 1 / 0");
const WORKS = statement<{ one: number }>("select 1 as one");
const PROCESS = statement<{ pid: number }>("select pg_backend_pid() as pid");
const ADD = statement("insert into entries (name) values ($1)");

/** Of one connection, so that who comes next gets the one that was used before; and a table whose names are checked at the commit. */
async function oneConnection(t: TestContext, urlOf = async (url: string) => url) {
  const url = await server.newDatabase();
  const administrator = await connectForTest(t, url);
  await administrator.query("create table entries (name text unique deferrable initially deferred)");
  const db = new Database({ hosts: parseHosts(await urlOf(url)), poolSize: 1 });
  t.after(() => db.close());
  const entries = async () => (await administrator.query("select name from entries")).rows.length;
  return { db, entries };
}

/** Whether the next transaction begins afresh, and is committed. */
async function assertUsable(db: Database): Promise<void> {
  assert.deepEqual(await db.run(WORKS), [{ one: 1 }]);
  assert.deepEqual(await db.write((transaction) => transaction.run(WORKS)), [{ one: 1 }]);
}

test("what goes wrong alongside a statement that fails is rolled back, and leaves nothing behind on the connection", async (t) => {
  const { db, entries } = await oneConnection(t);
  const broken = db.write(async (transaction) => {
    void transaction.run(ADD, "a");
    void transaction.run(FAILS);
    throw new Error("the caller's own");
  });
  await assert.rejects(broken, /division by zero/); // it came first, and is why
  await assertUsable(db);
  assert.equal(await entries(), 0);
});

test("nothing runs on a connection for a transaction that is over", async (t) => {
  const { db, entries } = await oneConnection(t);
  const kept: Transaction[] = [];
  await db.write(async (transaction) => void kept.push(transaction));
  const broken = db.write((transaction) => {
    kept.push(transaction);
    return transaction.run(FAILS);
  });
  await assert.rejects(broken, /division by zero/);
  assert.equal(kept.length, 2);
  for (const transaction of kept) await assert.rejects(transaction.run(ADD, "late"), /transaction is over/);
  assert.equal(await entries(), 0);
});

test("a statement that fails while others are on their way to the commit undoes all of them", async (t) => {
  const { db, entries } = await oneConnection(t);
  const broken = db.write(async (transaction) => {
    const failing = transaction.run(FAILS);
    await transaction.run(WORKS).catch(() => {});
    await failing.catch(() => {});
    void transaction.run(ADD, "a");
  });
  await assert.rejects(broken, /division by zero/);
  await assertUsable(db);
  assert.equal(await entries(), 0);
});

test("what is refused at the commit is refused, in a transaction and out of one", async (t) => {
  const { db, entries } = await oneConnection(t);
  await db.run(ADD, "a");
  await assert.rejects(db.run(ADD, "a"), /duplicate key/);
  await assertUsable(db);
  await assert.rejects(
    db.write((transaction) => transaction.run(ADD, "a")),
    /duplicate key/,
  );
  await assertUsable(db);
  assert.equal(await entries(), 1);
});

test("a connection that somebody left in a transaction is not used again", async (t) => {
  const { db } = await oneConnection(t);
  const pidOf = async (asked: Statement<{ pid: number }>) => (await db.run(asked))[0]?.pid;
  const before = await pidOf(PROCESS);
  assert.equal(await pidOf(PROCESS), before);
  await db.run(adHoc("begin"));
  assert.notEqual(await pidOf(PROCESS), before);
});

test("a transaction that a pooler lost sight of at its commit is not run again: it may have been made", async (t) => {
  const proxies: Awaited<ReturnType<typeof startSeveringProxy>>[] = [];
  const { db, entries } = await oneConnection(t, async (url) => {
    const proxy = await startSeveringProxy(url);
    proxies.push(proxy);
    t.after(() => proxy.stop());
    return proxy.url;
  });
  await assertUsable(db);
  proxies[0]?.lamentAtNextCommit();
  let runs = 0;
  const lost = db.write(async (transaction) => {
    runs++;
    void transaction.run(ADD, `run ${runs}`);
  });
  await assert.rejects(lost, StoreUnavailableError);
  assert.deepEqual([runs, await entries()], [1, 1]);
  await assertUsable(db);
});
