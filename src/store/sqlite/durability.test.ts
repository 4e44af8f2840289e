import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mock, test } from "node:test";
import { NOW } from "../test-kit/store-under-test.ts";
import { claim, enqueue, newJob } from "../test-kit/stored-jobs.ts";
import { childCommand, openForTest, run, scratchFile, scratchFolder } from "./test-kit/scratch.ts";

test("the store's own connection writes ahead and syncs every commit", async (context) => {
  const prepare = mock.method(DatabaseSync.prototype, "prepare");
  const store = await openForTest(context, { file: scratchFile(context) });
  const connection = prepare.mock.calls[0]?.this;
  prepare.mock.restore();
  assert.ok(connection instanceof DatabaseSync);
  assert.equal(connection.prepare("pragma journal_mode").get()?.journal_mode, "wal");
  assert.equal(connection.prepare("pragma synchronous").get()?.synchronous, 2); // FULL
  await enqueue(store, [newJob()]);
});

const hasStrace = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;

test("each commit is one sync, whatever it holds, but for what a power cut may take back", {
  skip: !hasStrace && "needs strace",
}, async (context) => {
  const folder = scratchFolder(context);
  const syncsOf = async (commits: number, statistics = 0) => {
    const name = join(folder, `${commits}-${statistics}`);
    const [trace, file] = [`${name}.trace`, `${name}.db`];
    const command = childCommand("open-and-enqueue.ts", file, String(commits), String(statistics));
    const { code } = await run(["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", trace, ...command]);
    assert.equal(code, 0);
    return readFileSync(trace, "utf8").match(/ f(?:data)?sync\(/g)?.length ?? 0;
  };
  assert.equal((await syncsOf(60, 30)) - (await syncsOf(10)), 50);
});

test("a claim that finds nothing, or no room, writes nothing", async (context) => {
  const file = scratchFile(context);
  const store = await openForTest(context, { file });
  const other = await openForTest(context, { file });
  await enqueue(store, [newJob({ lane: "at rest" })]);
  await other.queue.changedElsewhere();
  await claim(store, { room: { byDefault: 0, except: new Map() } });
  await claim(store, { room: { byDefault: 9, except: new Map([["at rest", 0]]) } });
  await store.queue.promote(NOW, 10);
  await store.retention.pruneIdempotencyKeys(NOW, 10);
  assert.equal(await other.queue.changedElsewhere(), false);
});
