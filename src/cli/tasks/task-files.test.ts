import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ConfigurationError } from "../../core/errors.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";
import { loadDefinitions } from "./task-files.ts";

const EXAMPLE = fileURLToPath(new URL("../test-kit/example-tasks.ts", import.meta.url));
const POSTHORN = new URL("../../posthorn.ts", import.meta.url).href;

test("all that a module exports is found: by name, by default, in lists; what is not a definition is passed over", async () => {
  const { tasks, schedules } = await loadDefinitions([EXAMPLE]);
  assert.deepEqual(tasks.map(({ name }) => name).toSorted(), ["linger", "send-receipt", "tidy-up"]);
  assert.deepEqual(
    schedules.map(({ name }) => name),
    ["nightly"],
  );
});

test("what is exported twice, or by two modules, is taken once", async (t) => {
  const folder = temporaryFolder(t);
  const first = join(folder, "first.mjs");
  writeFileSync(
    first,
    `import { task } from ${JSON.stringify(POSTHORN)};\nexport const a = task("a");\nexport default a;`,
  );
  writeFileSync(join(folder, "second.mjs"), 'export * from "./first.mjs";');
  const { tasks } = await loadDefinitions([first, join(folder, "second.mjs"), first]);
  assert.deepEqual(
    tasks.map(({ name }) => name),
    ["a"],
  );
});

test("a default export with the tasks as its members will do, as a CommonJS module has it", async (t) => {
  const folder = temporaryFolder(t);
  const module = join(folder, "tasks.cjs");
  const path = JSON.stringify(fileURLToPath(POSTHORN));
  writeFileSync(
    module,
    `const { task } = require(${path});\nmodule.exports = { a: task("a"), b: [task("b")] };`,
  );
  const { tasks } = await loadDefinitions([module]);
  assert.deepEqual(
    tasks.map(({ name }) => name),
    ["a", "b"],
  );
});

test("what is wrong with a file is reported in one sentence that names it", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "folder"));
  const files: [name: string, text: string, sentence: RegExp][] = [
    ["broken.mjs", "export const = 1;", /broken\.mjs could not be loaded: Unexpected token '='$/],
    [
      "throws.mjs",
      'throw new Error("no DATABASE_URL");',
      /could not be loaded: no DATABASE_URL \(file:.*throws\.mjs:1:?\d*\)$/,
    ],
    ["lost.mjs", 'import "./nowhere.mjs";', /could not be loaded: .*nowhere\.mjs/],
    ["empty.mjs", "export const a = 1;", /exports no task and no schedule; export what posthorn's task\(/],
    [
      "copy.mjs",
      "class TaskDefinition {}\nexport const a = new TaskDefinition();",
      /a different copy of posthorn .*npx posthorn/,
    ],
    [
      "name.mjs",
      `import { task } from ${JSON.stringify(POSTHORN)};\nexport default task("no name");`,
      /could not be loaded: "no name" cannot name a task/,
    ],
  ];
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const cases = [
    ...files.map(([name, , sentence]) => [name, sentence] as const),
    ["missing.ts", /--tasks .*missing\.ts: there is no file \//] as const,
    ["folder", /folder could not be loaded/] as const,
  ];
  for (const [name, sentence] of cases) {
    await assert.rejects(loadDefinitions([join(folder, name)]), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, sentence);
      assert.match(error.message, /^--tasks [^\n]*$/);
      return true;
    });
  }
});
