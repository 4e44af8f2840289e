import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type StoreUnavailableError, StoreUnusableError } from "../../core/errors.ts";
import { listJobs } from "../list-jobs.ts";
import { enqueue, newJob, newJobs } from "../test-kit/stored-jobs.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { childCommand, openForTest, run, scratchFile, scratchFolder } from "./test-kit/scratch.ts";

/** That a promise rejects with this class and a message that names the file and matches. */
function refusal(kind: typeof StoreUnusableError | typeof StoreUnavailableError, file: string, says: RegExp) {
  return (thrown: unknown) => {
    assert.ok(thrown instanceof kind, String(thrown));
    assert.ok(thrown.message.includes(file));
    assert.match(thrown.message, says);
    return true;
  };
}

test("a file that is not a database is refused and left as it is", async (context) => {
  const file = scratchFile(context);
  const text = "not a database\n".repeat(100);
  writeFileSync(file, text);
  await assert.rejects(openSqliteStore({ file }), refusal(StoreUnusableError, file, /not a SQLite database/));
  assert.equal(readFileSync(file, "utf8"), text);
});

test("another program's database is refused and left as it is, byte for byte", async (context) => {
  const file = scratchFile(context);
  const other = new DatabaseSync(file);
  other.exec("create table notes (text)");
  other.close();
  const bytes = readFileSync(file);
  await assert.rejects(openSqliteStore({ file }), refusal(StoreUnusableError, file, /another program/));
  assert.deepEqual(readFileSync(file), bytes);
});

test("a database that numbers its schema but has no tables is another program's too", async (context) => {
  const file = scratchFile(context);
  const other = new DatabaseSync(file);
  other.exec("pragma user_version = 1");
  other.close();
  await assert.rejects(openSqliteStore({ file }), refusal(StoreUnusableError, file, /another program/));
});

test("a file that a newer release wrote is refused", async (context) => {
  const file = scratchFile(context);
  await (await openSqliteStore({ file })).close();
  const newer = new DatabaseSync(file);
  newer.exec("pragma user_version = 999");
  newer.close();
  await assert.rejects(
    openSqliteStore({ file }),
    refusal(StoreUnusableError, file, /newer Posthorn \(schema 999/),
  );
});

test("a missing folder is named, and so is a folder given as the file", async (context) => {
  const file = join(scratchFolder(context), "none", "posthorn.db");
  await assert.rejects(openSqliteStore({ file }), refusal(StoreUnusableError, file, /folder must exist/));
  const folder = dirname(dirname(file));
  await assert.rejects(
    openSqliteStore({ file: folder }),
    refusal(StoreUnusableError, folder, /cannot be opened/),
  );
});

test("an empty file is taken for a new database, and a store can be kept in memory", async (context) => {
  const file = scratchFile(context);
  writeFileSync(file, "");
  for (const each of [file, ":memory:"]) {
    const store = await openForTest(context, { file: each });
    const job = newJob();
    await enqueue(store, [job]);
    assert.equal((await store.records.get(job.id))?.status, "queued");
  }
});

test("a database opened again keeps its jobs and is not migrated twice", async (context) => {
  const file = scratchFile(context);
  const job = newJob();
  for (let n = 0; n < 3; n++) {
    const store = await openSqliteStore({ file });
    if (n === 0) await enqueue(store, [job]);
    assert.equal((await store.records.get(job.id))?.id, job.id);
    await store.close();
  }
});

test("a file that cannot be written is refused when it is opened", {
  skip: process.platform === "win32",
}, async (context) => {
  const file = scratchFile(context);
  const store = await openSqliteStore({ file });
  await enqueue(store, newJobs(3));
  await store.close();
  chmodSync(file, 0o444);
  chmodSync(dirname(file), 0o555);

  const { out } = await run(childCommand("open-read-only.ts", file));
  const { code, message } = JSON.parse(out);
  assert.match(code, /^store_(unavailable|unusable)$/, out);
  assert.ok(message.includes(file));
  assert.match(message, /writable/);
});

test("processes that open a new file at the same moment all succeed and share it", async (context) => {
  const file = scratchFile(context);
  const children = Array.from({ length: 3 }, () => run(childCommand("open-and-enqueue.ts", file, "20")));
  assert.deepEqual(
    (await Promise.all(children)).map(({ code }) => code),
    [0, 0, 0],
  );
  const store = await openForTest(context, { file });
  assert.equal((await listJobs(store.records, {}, { limit: 100 })).length, 60);
});
