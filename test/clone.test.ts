import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..");

test("in a clone, without a build, the command line takes tasks that import posthorn by its name", async () => {
  const args = [
    "run",
    "--silent",
    "posthorn",
    "--",
    "tasks",
    "list",
    "--json",
    "--tasks",
    "test/support/tasks-by-name.ts",
  ];
  const { stdout } = await promisify(execFile)("npm", args, {
    cwd: ROOT,
    shell: process.platform === "win32",
  });
  assert.match(stdout, /"greet"/);
});
