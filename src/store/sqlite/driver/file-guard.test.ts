import assert from "node:assert/strict";
import { copyFileSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError } from "../../../core/errors.ts";
import { scratchFile } from "../test-kit/scratch.ts";
import { Database } from "./database.ts";
import { FileGuard } from "./file-guard.ts";

/** A database of one table, that looks after its file each time. */
function watched(context: TestContext, file: string) {
  const connection = new DatabaseSync(file);
  context.after(() => connection.isOpen && connection.close());
  connection.exec("pragma journal_mode = wal; create table if not exists notes (text)");
  const db = new Database(connection, file, 1, new FileGuard(file, 0));
  const insert = db.prepare("insert into notes values ('x')");
  const count = db.prepare<{ n: number }>("select count(*) as n from notes");
  return { db, write: () => db.write(() => insert.run()), read: () => db.read(() => count.get()?.n) };
}

function says(what: RegExp) {
  return (thrown: unknown) => thrown instanceof StoreUnavailableError && what.test(thrown.message);
}

test("a database whose file was removed takes no write and gives no answer, and says why", async (context) => {
  const file = scratchFile(context);
  const { write, read } = watched(context, file);
  await write();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix);
  await assert.rejects(write(), says(/was removed while it was in use.*start again/));
  await assert.rejects(read(), says(/was removed/));
});

test("a database whose file was replaced takes no write, and does not ruin the file in its place", async (context) => {
  const file = scratchFile(context);
  const { db, write } = watched(context, file);
  await write();
  db.prepare("pragma wal_checkpoint(truncate)").get();
  copyFileSync(file, `${file}.backup`);
  for (let made = 0; made < 50; made++) await write();
  assert.ok(statSync(`${file}-wal`).size > 0);
  renameSync(`${file}.backup`, file);
  await assert.rejects(write(), says(/was replaced by another one/));
  assert.equal(statSync(`${file}-wal`).size, 0);
  db.close();
  const restored = new DatabaseSync(file);
  context.after(() => restored.close());
  assert.deepEqual({ ...restored.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
  assert.equal(restored.prepare("select count(*) as n from notes").get()?.n, 1);
});

test("a database whose log or its index was removed takes no write, and has lost nothing", async (context) => {
  for (const suffix of ["-wal", "-shm"]) {
    const file = scratchFile(context);
    const { db, write } = watched(context, file);
    for (let made = 0; made < 3; made++) await write();
    rmSync(file + suffix);
    await assert.rejects(write(), says(new RegExp(`${suffix} was removed while it was in use`)));
    copyFileSync(file, `${file}.copy`); // as a crash would leave it
    db.close();
    const kept = new DatabaseSync(`${file}.copy`);
    context.after(() => kept.close());
    assert.equal(kept.prepare("select count(*) as n from notes").get()?.n, 3);
  }
});

test("a file that comes back to its place serves again", async (context) => {
  const file = scratchFile(context);
  const { write, read } = watched(context, file);
  await write();
  renameSync(file, `${file}.moved`);
  await assert.rejects(write(), says(/was removed/));
  renameSync(`${file}.moved`, file);
  await write();
  assert.equal(await read(), 2);
});

test("a database in memory has no file to look after", async (context) => {
  const { write, read } = watched(context, ":memory:");
  await write();
  assert.equal(await read(), 1);
  assert.equal(existsSync(":memory:"), false);
});
