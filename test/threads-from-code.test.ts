import assert from "node:assert/strict";
import { once } from "node:events";
import { globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { threadCode } from "../scripts/thread-code.ts";
import { startProcess } from "../src/core/process/start-process.ts";
import { startThread } from "../src/core/process/start-thread.ts";
import type { Copied } from "../src/store/sqlite/backup/backup.ts";
import type { Answer, Question } from "../src/store/sqlite/records/read-thread.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import type { FromThread, ThreadRun } from "../src/tasks/threads/thread-messages.ts";
import { scratchDatabase } from "./support/scratch.ts";

const SRC = join(import.meta.dirname, "../src");

async function answerOf(thread: Worker): Promise<unknown> {
  const [answer] = await once(thread, "message");
  await thread.terminate();
  return answer;
}

test("the code of each thread and process imports nothing, so that a bundle needs no file for it", async () => {
  const entries = globSync("**/*-entry.ts", { cwd: SRC });
  assert.equal(entries.length, 3);
  for (const entry of entries)
    assert.doesNotMatch(await threadCode(join(SRC, entry)), /^import\b|^export\b|\brequire\(|import\.meta/m);
});

test("a thread that is given as code runs a task's handler, whether its module is an ES module or a compiled CommonJS one", async () => {
  const code = await threadCode(join(SRC, "tasks/threads/thread-entry.ts"));
  for (const name of ["compiled.cjs", "plain.ts"]) {
    const thread = startThread(code);
    const module = import.meta.resolve(`../src/tasks/threads/test-kit/${name}`);
    thread.postMessage({ kind: "run", module, input: 4, attempt: 1, job: undefined } satisfies ThreadRun);
    assert.deepEqual(await answerOf(thread), {
      kind: "ended",
      outcome: { kind: "succeeded", result: "5" },
      isSpent: false,
    } satisfies FromThread);
  }
});

test("a thread that is given as code searches a database, and a process copies it", async () => {
  const from = scratchDatabase();
  await (await openSqliteStore({ file: from })).close();
  const searching = startThread(await threadCode(join(SRC, "store/sqlite/records/read-entry.ts")), from);
  searching.postMessage({ id: 1, filter: {}, before: 1, limit: 1 } satisfies Question);
  const found: Answer = { id: 1, found: { keys: [], end: undefined } };
  assert.deepEqual(await answerOf(searching), found);
  const copying = startProcess(await threadCode(join(SRC, "store/sqlite/backup/backup-entry.ts")), [
    from,
    `${from}.copy`,
  ]);
  const [answer] = await once(copying, "message");
  const copied = answer as Copied; // what it sends
  assert.equal("jobs" in copied && copied.jobs, 0, JSON.stringify(copied));
  await once(copying, "exit");
});
