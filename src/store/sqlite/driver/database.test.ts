import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError } from "../../../core/errors.ts";
import { NOW, OTHER_WORKER } from "../../test-kit/store-under-test.ts";
import { claim, enqueue, newJob, newJobs } from "../../test-kit/stored-jobs.ts";
import { openForTest, scratchFile } from "../test-kit/scratch.ts";
import { Database } from "./database.ts";

/** Another connection that holds the write lock until it is told to let go. */
function lock(context: TestContext, file: string): { release(): void } {
  const other = new DatabaseSync(file);
  context.after(() => other.close());
  other.exec("begin exclusive");
  return { release: () => other.exec("commit") };
}

/** A database of one table, whose writes give up at the second try. */
function impatient(context: TestContext, file: string): { db: Database; connection: DatabaseSync } {
  const connection = new DatabaseSync(file, { timeout: 1 });
  context.after(() => connection.close());
  connection.exec("pragma journal_mode = wal; create table if not exists notes (text)");
  return { db: new Database(connection, file, 1), connection };
}

test("a write waits for another process's lock and then succeeds, in its order", async (context) => {
  const file = scratchFile(context);
  const store = await openForTest(context, { file });
  const held = lock(context, file);
  const job = newJob();
  let done = false;
  const write = enqueue(store, [job]).then(() => {
    done = true;
  });
  assert.equal(await store.records.get(job.id), undefined); // reads go on meanwhile
  assert.equal(done, false);
  held.release();
  await write;
  assert.equal((await store.records.get(job.id))?.status, "queued");
});

test("a write that never gets the lock fails as unavailable, and none of it was done", async (context) => {
  const file = scratchFile(context);
  const { db, connection } = impatient(context, file);
  const held = lock(context, file);
  const insert = db.prepare("insert into notes values ('x')");
  await assert.rejects(
    db.write(() => insert.run()),
    (thrown) => {
      assert.ok(thrown instanceof StoreUnavailableError);
      assert.match(thrown.message, /locked by another process/);
      assert.ok(thrown.cause);
      return true;
    },
  );
  held.release();
  assert.equal(connection.prepare("select count(*) as n from notes").get()?.n, 0);
  assert.equal(await db.write(() => insert.run()), 1);
});

test("work that throws is rolled back, and its error is passed on as it is", async (context) => {
  const { db, connection } = impatient(context, scratchFile(context));
  const insert = db.prepare("insert into notes values ('x')");
  const failure = new Error("no");
  const write = db.write(() => {
    insert.run();
    throw failure;
  });
  await assert.rejects(write, (thrown) => thrown === failure);
  assert.equal(connection.prepare("select count(*) as n from notes").get()?.n, 0);
  assert.equal(connection.isTransaction, false);
});

test("fencing tokens of a transaction that was rolled back are never given out twice", async (context) => {
  const file = scratchFile(context);
  const a = await openForTest(context, { file });
  const b = await openForTest(context, { file });
  const [ready = newJob()] = newJobs(1);
  await enqueue(a, [ready]);
  // the claim sets tokens aside, and goes down with a job that is there already
  const claiming = {
    worker: OTHER_WORKER,
    limit: 5,
    maxBytes: 1e9,
    room: { byDefault: 5, except: new Map() },
  };
  await assert.rejects(
    a.queue.commit({ now: NOW, enqueues: [{ job: ready }], settlements: [], claim: claiming }),
  );

  await enqueue(a, newJobs(4));
  const tokens = [...(await claim(a, { limit: 2 })), ...(await claim(b, { limit: 3 }))].map(
    ({ token }) => token,
  );
  assert.equal(new Set(tokens).size, 5);
});

test("after a write that need not be synced, done or failed, the next is synced again", async (context) => {
  const { db, connection } = impatient(context, scratchFile(context));
  const levels: unknown[] = [];
  const level = () => connection.prepare("pragma synchronous").get()?.synchronous;
  const [NORMAL, FULL] = [1, 2];
  const insert = db.prepare("insert into notes values ('x')");
  await db.writeUnsynced(() => {
    levels.push(level());
    insert.run();
  });
  assert.deepEqual([...levels, level()], [NORMAL, FULL]);
  const failure = new Error("it went wrong");
  const failing = () => {
    insert.run();
    throw failure;
  };
  await assert.rejects(db.writeUnsynced(failing), failure);
  assert.equal(level(), FULL);
  assert.equal(connection.prepare("select count(*) as n from notes").get()?.n, 1);
});
