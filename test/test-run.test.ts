import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TestRun } from "../scripts/test-run.ts";

test("a run of the tests tells of files and processes that they left, and removes them", async () => {
  const run = new TestRun(0);
  const folder = run.env.TMPDIR ?? "";
  mkdirSync(join(folder, "postgres-template"));
  mkdirSync(join(folder, "forgotten"));
  const left = spawn(process.execPath, ["-e", "setInterval(() => {}, 1_000)"], { env: run.env });
  const ended = once(left, "exit");
  await once(left, "spawn");
  const told = await run.end();
  const isSeen = process.platform === "linux"; // others do not show the environment of a process
  if (!isSeen) left.kill("SIGKILL");
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.deepEqual(told, [
    ...(isSeen ? [`process ${left.pid}: ${left.spawnargs.join(" ")}`] : []),
    "forgotten",
  ]);
  assert.equal(existsSync(folder), false);
});

test("a run of the tests that left nothing has nothing to tell", async () => {
  assert.deepEqual(await new TestRun().end(), []);
});
