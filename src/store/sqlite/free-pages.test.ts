import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { DAY, NOW } from "../test-kit/store-under-test.ts";
import { claim, endedBefore, enqueue, newJob, newJobs, succeed } from "../test-kit/stored-jobs.ts";
import { Database } from "./driver/database.ts";
import { FreePages } from "./free-pages.ts";
import { openForTest, scratchFile } from "./test-kit/scratch.ts";

const MIB = 2 ** 20;

test("a file gives what was deleted back to the disk, a little at a time, and keeps some free", async (context) => {
  const file = scratchFile(context);
  const store = await openForTest(context, { file });
  const payload = JSON.stringify("x".repeat(100_000));
  await enqueue(store, newJobs(100, { payload }));
  const kept = newJob({ payload, runAt: NOW + DAY });
  for (const lease of await claim(store)) await succeed(store, lease, NOW);
  await enqueue(store, [kept]); // at the end of the file
  const database = new DatabaseSync(file);
  context.after(() => database.close());
  const pagesOf = (what: "page_count" | "freelist_count") =>
    Number(database.prepare(`pragma ${what}`).get()?.[what]);
  const freePages = new FreePages(new Database(database, file), MIB);
  const step = async () => {
    const before = pagesOf("page_count");
    await freePages.giveBack();
    return before - pagesOf("page_count");
  };
  assert.equal(await step(), 0, "nothing is free");

  await store.retention.pruneJobs(endedBefore(NOW + DAY), null, 200);
  const steps: number[] = [];
  while (steps.at(-1) !== 0) steps.push(await step());
  assert.ok(Math.max(...steps) <= 129 && steps.length > 15, String(steps));
  const free = pagesOf("freelist_count") * 4_096;
  assert.ok(free <= MIB && free > MIB / 4, String(free));
  assert.ok(statSync(file).size < 2 * MIB);
  assert.ok((await store.records.input(kept.id)) === payload);
  assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
});
