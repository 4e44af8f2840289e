/**
 * The packed package in everything that it is said to work with: each in a project of its own, installed from the npm registry, built and
 * run. Takes some minutes. Words that are given choose the cells whose name has one of them; `--write` puts the table into the docs:
 *
 *     npm run test:ecosystem -- Express Deno
 */
import { rmSync } from "node:fs";
import { mkdtemp, readFile, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BUNDLERS } from "./ecosystem/bundlers.ts";
import { COMPILERS } from "./ecosystem/compilers.ts";
import { FRAMEWORKS } from "./ecosystem/frameworks.ts";
import { PACKAGE_MANAGERS } from "./ecosystem/package-managers.ts";
import { RUNTIMES } from "./ecosystem/runtimes.ts";
import { type Cell, Workshop } from "./ecosystem/workshop.ts";
import { pack } from "./packed.ts";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs/compatibility.md");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});
const words = positionals.map((word) => word.toLowerCase());
const cells = [...RUNTIMES, ...PACKAGE_MANAGERS, ...FRAMEWORKS, ...BUNDLERS, ...COMPILERS].filter(
  ({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)),
);

const temporary = await realpath(await mkdtemp(join(tmpdir(), "posthorn-ecosystem-")));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));

const tarball = await pack(root, join(temporary, "pack"));
const today = new Date().toISOString().slice(0, 10);
const rows: string[] = [];
for (const [at, cell] of cells.entries()) rows.push(await rowOf(cell, join(temporary, String(at))));
const table = [`| | with | tried on ${today} |`, "|---|---|---|", ...rows].join("\n");
console.log(`\n${table}`);
if (values.write && process.exitCode === undefined && words.length === 0) await keep(table);

async function rowOf(cell: Cell, folder: string): Promise<string> {
  const begun = performance.now();
  let tried: string;
  try {
    tried = await cell.try(new Workshop(folder, tarball));
  } catch (error) {
    console.error(`${cell.name} failed:`, error);
    process.exitCode = 1;
    tried = "**failed**";
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  console.log(`ecosystem: ${cell.name}: ${tried} (${((performance.now() - begun) / 1_000).toFixed(0)} s)`);
  return `| ${cell.area} | ${cell.name} | ${tried} |`;
}

/** Between the two comments that mark its place. */
async function keep(table: string): Promise<void> {
  const text = await readFile(page, "utf8");
  const place = /(<!-- table: npm run test:ecosystem -- --write -->\n)[\s\S]*?(\n<!-- end -->)/;
  await writeFile(
    page,
    text.replace(place, (_, before: string, after: string) => `${before}${table}${after}`),
  );
}
