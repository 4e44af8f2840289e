import assert from "node:assert/strict";
import type { Cell } from "./workshop.ts";

/** ES modules, `require()` and a thread, on one Node. */
function node(version: string, sharing: "shares" | "cautions"): Cell {
  return {
    area: "Runtimes",
    name: `Node.js ${version}`,
    async try(workshop) {
      await workshop.set("program", ["typescript@5.9", "@types/node@22"]);
      await workshop.run("tsc", ["--module", "nodenext", "--target", "es2023", "--lib", "esnext", "main.ts"]);
      const runsOn = await workshop.useNode(version);
      const search = sharing === "shares" ? {} : { SEARCH: "short" }; // a thread would be a second reader of the file
      await workshop.ok("node", ["main.js"], { ...search, THREAD: workshop.url("square.mjs") });
      await workshop.ok("node", ["required.cjs"]);
      const opens =
        'import("posthorn").then(async (p) => (await p.openPosthorn({ database: "c.db", log })).close())';
      const log = "const log = { info() {}, error() {}, warn: (fields, message) => console.log(message) };";
      const said = await workshop.run("node", ["--eval", `${log} ${opens}`]);
      if (sharing === "shares") assert.equal(said, "");
      else assert.match(said, /its WAL-reset bug\); use Node \d+\.\d+\.\d+ or later/);
      const how =
        sharing === "shares" ? "" : "; one process for each SQLite file, which it says at the start";
      return `${runsOn}: \`import\`, \`require()\`, threads${how}`;
    },
  };
}

const tooOld: Cell = {
  area: "Runtimes",
  name: "Node.js 20",
  async try(workshop) {
    await workshop.set("program", []);
    const runsOn = await workshop.useNode("20");
    const said = await workshop.run("node", ["too-old.mjs"]);
    const sentence = `ConfigurationError: Posthorn needs Node 22.18 or later, and this is ${runsOn}; see https://nodejs.org/download`;
    assert.deepEqual(said.trim().split("\n"), [sentence, sentence]);
    return `${runsOn}: not supported; the library and the command say which one they need`;
  },
};

function other(name: string, program: string, args: readonly string[]): Cell {
  return {
    area: "Runtimes",
    name,
    async try(workshop) {
      await workshop.set("program", [program], { runsScripts: true });
      await workshop.ok(program, [...args, "main.ts"], { THREAD: workshop.url("square.mjs") });
      return `${await workshop.version(program)}: the library, webhooks, the API on \`node:http\`, threads, on SQLite`;
    },
  };
}

export const RUNTIMES: readonly Cell[] = [
  node("22.18.0", "cautions"),
  node("22", "shares"),
  node("24.11.1", "cautions"),
  node("24", "shares"),
  node("26", "shares"),
  tooOld,
  other("Bun", "bun", []),
  other("Deno", "deno", ["run", "-A"]),
];
