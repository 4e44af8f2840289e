import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { violations } from "./architecture/rules.ts";
import { scanImports } from "./architecture/scan-imports.ts";

const root = join(import.meta.dirname, "..");

test("the project keeps its architecture", () => {
  const tree = readTree("src", "console", "bench", "test", "scripts");
  assert.ok(
    tree.has("src/posthorn.ts"),
    "src/posthorn.ts was not found: is the tree read from the right place?",
  );
  assert.deepEqual(violations(tree), []);
});

function readTree(...folders: string[]): Map<string, string> {
  const tree = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      tree.set(path.slice(root.length + 1).replaceAll("\\", "/"), readFileSync(path, "utf8"));
    }
  }
  return tree;
}

describe("an import is allowed", () => {
  const allowed: [why: string, from: string, imports: string][] = [
    ["downwards", "src/engine/claim.ts", 'import { claim } from "../store/claim.ts";'],
    ["within a layer", "src/core/job.ts", 'import { id } from "./id.ts";'],
    ["of a package", "src/core/id.ts", 'import { v7 } from "uuid";'],
    [
      "of the store's types by webhooks",
      "src/webhooks/send.ts",
      'import type { Store } from "../store/store.ts";',
    ],
    [
      "of a database by what opens stores",
      "src/open-store.ts",
      'import { open } from "./store/sqlite/open.ts";',
    ],
    [
      "of a database by the command line",
      "src/cli/migrate.ts",
      'import { open } from "../store/sqlite/open.ts";',
    ],
    ["of a database by itself", "src/store/sqlite/open.ts", 'import { migrate } from "./migrate.ts";'],
    ["of a database by a test", "src/engine/a.test.ts", 'import { open } from "../store/sqlite/open.ts";'],
    [
      "of the composition root by a test",
      "src/webhooks/a.test.ts",
      'import { openPosthorn } from "../posthorn.ts";',
    ],
    [
      "of test support by a test",
      "src/core/a.test.ts",
      'import { clock } from "../../test/support/clock.ts";',
    ],
    ["of a test kit by a test", "src/engine/a.test.ts", 'import { jobs } from "../store/test-kit/jobs.ts";'],
    [
      "of a database by what users test with",
      "src/testing/a.ts",
      'import { o } from "../store/sqlite/open.ts";',
    ],
    [
      "of what assembles by the way in",
      "src/posthorn.ts",
      'import { assemble } from "./assemble/assemble.ts";',
    ],
    ["of observe by what is above core", "src/engine/run.ts", 'import { log } from "../observe/log.ts";'],
  ];
  for (const [why, from, text] of allowed) {
    test(why, () => assert.deepEqual(violations(new Map([[from, text]])), []));
  }
});

describe("an import is refused", () => {
  const refused: [why: string, from: string, imports: string][] = [
    ["upwards", "src/core/job.ts", 'import { engine } from "../engine/engine.ts";'],
    ["upwards, even as a type", "src/store/store.ts", 'import type { Task } from "../engine/task.ts";'],
    ["upwards, re-exported", "src/engine/engine.ts", 'export * from "../webhooks/send.ts";'],
    ["upwards, loaded late", "src/engine/engine.ts", 'const { app } = await import("../http/app.ts");'],
    ["upwards, in a test", "src/core/job.test.ts", 'import { engine } from "../engine/engine.ts";'],
    ["of the composition root from below", "src/webhooks/send.ts", 'import { open } from "../posthorn.ts";'],
    ["of a database by the engine", "src/engine/run.ts", 'import { open } from "../store/sqlite/open.ts";'],
    ["of a database by the API", "src/http/app.ts", 'import type { Db } from "../store/sqlite/database.ts";'],
    ["of a database by the contract", "src/store/store.ts", 'import { open } from "./sqlite/open.ts";'],
    ["of one database by another", "src/store/postgres/open.ts", 'import { open } from "../sqlite/open.ts";'],
    ["of the store's code by webhooks", "src/webhooks/send.ts", 'import { list } from "../store/store.ts";'],
    ["of tasks by webhooks", "src/webhooks/send.ts", 'import { task } from "../tasks/task.ts";'],
    ["of webhooks by tasks", "src/tasks/task.ts", 'import { send } from "../webhooks/send.ts";'],
    [
      "of the receiver by webhooks",
      "src/webhooks/send.ts",
      'import { verify } from "../receiver/verify.ts";',
    ],
    ["of anything by the receiver", "src/receiver/verify.ts", 'import { id } from "../core/id.ts";'],
    ["of more than core by observe", "src/observe/metrics.ts", 'import { e } from "../engine/engine.ts";'],
    ["of observe by core", "src/core/job.ts", 'import { log } from "../observe/log.ts";'],
    [
      "of a database by what assembles",
      "src/assemble/assemble.ts",
      'import { open } from "../store/sqlite/open.ts";',
    ],
    [
      "of what users test with by the product",
      "src/http/app.ts",
      'import { o } from "../testing/testing.ts";',
    ],
    ["of a test", "src/core/job.ts", 'import { fixture } from "./job.test.ts";'],
    [
      "of test support by the product",
      "src/core/job.ts",
      'import { clock } from "../../test/support/clock.ts";',
    ],
    ["of a file outside src", "src/cli/main.ts", 'import { build } from "../../scripts/build.ts";'],
    ["of a test kit by the product", "src/store/store.ts", 'import { jobs } from "./test-kit/jobs.ts";'],
    ["of a test kit above", "src/core/a.test.ts", 'import { jobs } from "../store/test-kit/jobs.ts";'],
    ["from a folder that is no layer", "src/misc/a.ts", 'import { id } from "../core/id.ts";'],
    ["inside a package", "src/http/app.ts", 'import { x } from "../../node_modules/hono/dist/x.js";'],
  ];
  for (const [why, from, text] of refused) {
    test(why, () => {
      const found = violations(new Map([[from, text]]));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", new RegExp(`^${from} `));
    });
  }
});

test("circular imports are refused, types included", () => {
  const tree = new Map([
    ["src/core/a.ts", 'import { b } from "./b.ts";'],
    ["src/core/b.ts", 'import { c } from "./c.ts";'],
    ["src/core/c.ts", 'import type { B } from "./b.ts";'],
  ]);
  assert.deepEqual(violations(tree), ["circular import: src/core/b.ts → src/core/c.ts → src/core/b.ts"]);
});

test("a file of more than 400 lines is refused", () => {
  assert.deepEqual(violations(new Map([["src/core/job.ts", "\n".repeat(400)]])), []);
  for (const path of ["src/core/job.ts", "console/portal/style/1-base.css"]) {
    const [found] = violations(new Map([[path, "\n".repeat(401)]]));
    assert.equal(found, `${path} has 401 lines, more than 400: it holds more than one idea`);
  }
});

test("a folder of more than 30 files is refused, its tests not counted", () => {
  const files = (count: number) =>
    Array.from({ length: count }, (_, n) => [`console/portal/a${n}.tsx`, ""] as const);
  assert.deepEqual(violations(new Map([...files(30), ["console/portal/a.test.ts", ""]])), []);
  const [found] = violations(new Map(files(31)));
  assert.match(found ?? "", /^console\/portal holds 31 files/);
});

test("a name that says nothing is refused", () => {
  for (const name of ["utils.ts", "job-helpers.ts", "jobManager.ts", "common/job.ts", "util.test.ts"]) {
    assert.equal(violations(new Map([[`src/core/${name}`, ""]])).length, 1, name);
  }
  assert.deepEqual(violations(new Map([["src/core/commonplace.ts", ""]])), []);
});

describe("imports are found in source text", () => {
  const cases: [why: string, source: string, expected: string[]][] = [
    [
      "of every form",
      `import "a"; import b from 'b'; import c, { d } from "c"; import * as e from "e";`,
      ["b", "c", "e", "a"],
    ],
    ["over several lines", 'import {\n  a,\n  type B,\n} from "x";\nexport {\n  c,\n} from "y";', ["x", "y"]],
    [
      "after code without semicolons",
      'const a = 1\nexport { b } from "x"\nexport * as c from "y"',
      ["x", "y"],
    ],
    ["as types", 'import type { A } from "x"; type B = import("y").B;', ["x", "y"]],
    ["not in comments", '// import "a"\n/** import { b } from "b"; */\nimport "c"; // it\'s', ["c"]],
    ["not in strings", `const a = 'import "a"'; const b = "import('b')"; const c = \`import "c"\`;`, []],
    [
      "in a template's code, not its text",
      `\`import "a" \${await import("b")} { \${{ c: "}" }} import "d"\``,
      ["b"],
    ],
    ["after a regular expression with quotes", `const a = /["'\`/*]/.test(b) / 2; import "c";`, ["c"]],
    [
      "not where a member has the name",
      'a.import("b"); const from = "c"; export const d = { from: "e" };',
      [],
    ],
    ["not when computed", "await import(path);", []],
  ];
  for (const [why, source, expected] of cases) {
    test(why, () => {
      assert.deepEqual(
        scanImports(source).map(({ specifier }) => specifier),
        expected,
      );
    });
  }

  test("a type-only import is distinguished from one that remains at run time", () => {
    const typeOnly = (source: string) => scanImports(source).map((found) => found.typeOnly);
    assert.deepEqual(typeOnly('import type { A } from "x";'), [true]);
    assert.deepEqual(typeOnly('export type * from "x";'), [true]);
    assert.deepEqual(typeOnly('import { type A, type B } from "x";'), [true]);
    assert.deepEqual(typeOnly('import { type A, b } from "x";'), [false]);
    assert.deepEqual(typeOnly('import type from "x";'), [false]);
    assert.deepEqual(typeOnly('import {} from "x";'), [false]);
  });
});
