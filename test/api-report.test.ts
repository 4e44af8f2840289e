import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { apiReports, type Entry } from "../scripts/api-report.ts";

const entry: Entry = { specifier: "posthorn", path: "posthorn.ts" };

function report(modules: Readonly<Record<string, string>>, entries: readonly Entry[] = [entry]): string[] {
  return apiReports(entries, (path) => {
    const text = modules[path];
    assert.ok(text !== undefined, `${path} was asked for`);
    return text;
  });
}

const body = (text = ""): string[] => text.trimEnd().split("\n\n").slice(1);

describe("the API report", () => {
  test("shows each exported declaration, sorted by name, whichever way it is exported", () => {
    const [text] = report({
      "posthorn.ts": [
        'export { type Job, open as openJob } from "./core/job.ts";',
        'export * from "./core/errors.ts";',
        "declare const limit = 5;",
        "export { limit };",
        "export interface Zebra {\n    readonly stripes: number;\n}",
        "export {};",
      ].join("\n"),
      "core/job.ts":
        "export interface Job {\n    id: string;\n}\nexport declare function open(): void;\nexport declare const own = 1;",
      "core/errors.ts": "export declare class Failure extends Error {\n}",
    });
    assert.deepEqual(body(text), [
      "class Failure extends Error {\n}",
      "interface Job {\n    id: string;\n}",
      "interface Zebra {\n    readonly stripes: number;\n}",
      "const limit = 5;",
      "function open(): void;",
      "export { open as openJob };",
    ]);
  });

  test("does not change when a file moves, or exports change their order", () => {
    const a = 'export interface A {\n    b: B;\n}\nimport type { B } from "';
    const b = "export interface B {\n    n: number;\n}";
    const before = { "posthorn.ts": 'export type { A } from "./a.ts";\nexport type { B } from "./b.ts";' };
    const after = {
      "posthorn.ts": 'export type { B } from "./core/b.ts";\nexport type { A } from "./x/a.ts";',
    };
    assert.deepEqual(
      report({ ...before, "a.ts": `${a}./b.ts";`, "b.ts": b }),
      report({ ...after, "x/a.ts": `${a}../core/b.ts";`, "core/b.ts": b }),
    );
  });

  test("shows what is mentioned without being exported, and names what packages declare", () => {
    const [text] = report({
      "posthorn.ts":
        'import type { Pool } from "pg";\nimport { type Inner as Renamed } from "./inner.ts";\n' +
        'export declare function open(pool: Pool, Inner: string): Renamed["field"];',
      "inner.ts": "export interface Inner {\n    field: Deeper;\n}\ninterface Deeper {\n    n: number;\n}",
    });
    assert.deepEqual(body(text), [
      'function open(pool: Pool, Inner: string): Renamed["field"];',
      "// Mentioned above, but not exported.",
      "interface Deeper {\n    n: number;\n}",
      "interface Inner {\n    field: Deeper;\n}",
      "// Declared elsewhere.",
      "Pool of pg",
    ]);
  });

  test("hides private members, and the constructor of a class that is exported as a type", () => {
    const declared = "declare class Jobs {\n    #private;\n    private other;\n    readonly open: string;";
    const modules = (kind: string) => ({
      "posthorn.ts": `export ${kind}{ Jobs } from "./jobs.ts";`,
      "jobs.ts": `export ${declared}\n    constructor(parts: {\n        readonly a: string;\n    });\n    get(): void;\n}`,
    });
    assert.deepEqual(body(report(modules("type "))[0]), [
      "class Jobs {\n    readonly open: string;\n    get(): void;\n}",
    ]);
    assert.match(report(modules(""))[0] ?? "", /constructor\(parts: \{\n {8}readonly a/);
  });

  test("shows what an import adds to a framework's types", () => {
    const augmentation =
      'declare module "fastify" {\n    interface FastifyRequest {\n        background: Tasks;\n    }\n}';
    const [text] = report({
      "posthorn.ts": `import type { Tasks } from "./tasks.ts";\n${augmentation}`,
      "tasks.ts": "export type Tasks = string;",
    });
    assert.deepEqual(body(text), [
      augmentation.replace("declare ", ""),
      "// Mentioned above, but not exported.",
      "type Tasks = string;",
    ]);
  });

  test("names in the other reports what the first holds, so that a change shows once", () => {
    const entries = [entry, { specifier: "posthorn/hono", path: "hono.ts" }];
    const [, second] = report(
      {
        "posthorn.ts": 'export type { Jobs } from "./jobs.ts";',
        "jobs.ts": "export interface Jobs {\n    n: number;\n}",
        "hono.ts": 'import type { Jobs } from "./jobs.ts";\nexport declare function mount(jobs: Jobs): void;',
      },
      entries,
    );
    assert.deepEqual(body(second), [
      "function mount(jobs: Jobs): void;",
      "// Declared elsewhere.",
      "Jobs of posthorn",
    ]);
  });

  test("refuses a statement it does not know instead of leaving it out", () => {
    assert.throws(
      () => report({ "posthorn.ts": "export = somethingElse;" }),
      /posthorn\.ts: the API report does not know this kind of statement: export = somethingElse;/,
    );
  });
});
