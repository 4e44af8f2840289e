import assert from "node:assert/strict";
import { test } from "node:test";
import { claim, enqueue, idsOf, newJob } from "../test-kit/stored-jobs.ts";
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
  const { committed, failures, readable } = JSON.parse(out);
  assert.deepEqual(failures, ["store_unavailable", "store_unavailable", "store_unavailable"]);
  assert.ok(committed.length > 5);
  assert.equal(readable, committed.length);

  const store = await openForTest(context, { file });
  await enqueue(store, [newJob({ lane: "after" })]);
  const claimed = await claim(store);
  assert.deepEqual(idsOf(claimed.filter(({ lane }) => lane !== "after")).sort(), committed);
  for (const { lane, payload } of claimed) assert.equal(payload.length, lane === "after" ? 4 : 50_000);
});
