import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./test-kit/engine-under-test.ts";
import { quiet } from "./test-kit/turns.ts";

test("a watcher of a job is told when what has changed can be looked up, not before", async (context) => {
  const { engine, store, task, accept } = await setUp(context);
  const [id = ""] = await accept(1);
  const seen: string[] = [];
  const stop = engine.watchJob(id, () => {
    void store.records.get(id).then((job) => seen.push(`${job?.status} ${job?.progress?.fraction ?? "-"}`));
  });
  task.at(0).context.progress(0.5);
  await quiet();
  assert.deepEqual(seen.splice(0), ["running 0.5"]);
  task.at(0).end();
  await quiet();
  assert.deepEqual(seen.splice(0), ["succeeded -"]);
  stop();
});
