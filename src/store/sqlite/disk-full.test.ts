import assert from "node:assert/strict";
import { test } from "node:test";
import { claim, enqueue, idsOf, newJob } from "../test-kit/stored-jobs.ts";
import { openDatabase } from "./open.ts";
import { Room } from "./room.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { childCommand, openForTest, run, scratchFile } from "./test-kit/scratch.ts";

/** In the units of POSIX `ulimit -f`: 512 bytes, 1 MiB in all. Some shells take it for 1 KiB, which does as well. */
const FILE_LIMIT = "2048";

test("when the disk is full writes fail as unavailable, and what was committed before is all there, and nothing else", {
  skip: process.platform === "win32",
}, async (context) => {
  const file = scratchFile(context);
  await (await openSqliteStore({ file })).close();
  // the largest size of a file is what an unprivileged process can run out of, without filling a real disk
  const limited = [
    "sh",
    "-c",
    `ulimit -f ${FILE_LIMIT} && exec "$@"`,
    "sh",
    ...childCommand("fill-up.ts", file),
  ];
  const { out } = await run(limited);
  const { committed, failures, isReady, readable } = JSON.parse(out);
  assert.deepEqual(failures, ["store_unavailable", "store_unavailable", "store_unavailable"]);
  assert.equal(isReady, false, "it takes no jobs, and says so");
  assert.ok(committed.length > 5);
  assert.equal(readable, committed.length);

  const store = await openForTest(context, { file });
  await store.check();
  await enqueue(store, [newJob({ lane: "after" })]);
  const claimed = await claim(store);
  assert.deepEqual(idsOf(claimed.filter(({ lane }) => lane !== "after")).sort(), committed);
  for (const { lane, payload } of claimed) assert.equal(payload.length, lane === "after" ? 4 : 50_000);
});

test("a file that may grow again is ready again, though nothing was written in between", async (context) => {
  const file = scratchFile(context);
  const db = await openDatabase({ file });
  context.after(() => db.close());
  const room = new Room(db);
  const pages = db.prepare<{ page_count: number }>("pragma page_count").get()?.page_count ?? 0;
  db.prepare(`pragma max_page_count = ${pages + 10}`).get();
  const fill = db.prepare("insert into secrets (name, sealed) values ('s', hex(randomblob(?)))");
  await assert.rejects(db.write(() => fill.run(100_000)));
  await db.write(() => fill.run(1_000));
  await assert.rejects(room.check(), "a small write says nothing of larger ones");
  db.prepare(`pragma max_page_count = ${pages + 10_000}`).get();
  await room.check();
  assert.equal(db.hasFailedToWrite, false);
  assert.deepEqual(db.prepare("select * from idempotency_keys").all(), []);
});
