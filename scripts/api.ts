/**
 * Writes the public declarations of each export of the package into api/, where a change of the public surface shows in the
 * diff, and the references of the library and of the metrics into docs/. `--check` writes nothing, and fails where one of them is out of date.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { apiReports } from "./api-report.ts";
import { withoutComments } from "./declarations.ts";
import { libraryReference } from "./library-reference.ts";
import { withMetricsTable } from "./metrics-reference.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "api");
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest; // ours

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

const files = filesOf(emitDeclarations());
if (process.argv.includes("--check")) check();
else write();

/** Their texts by their paths. */
function filesOf(declarations: string): Map<string, string> {
  const entries = Object.entries(exports).flatMap(([subpath, target]) => {
    if (typeof target === "string") return []; // package.json itself
    const path = target.types.replace("./dist/", "").replace(/\.d\.ts$/, ".ts");
    return { specifier: `posthorn${subpath.slice(1)}`, path };
  });
  const read = (path: string) => readFileSync(join(declarations, path.replace(/\.ts$/, ".d.ts")), "utf8");
  const reports = apiReports(entries, (path) => withoutComments(read(path)));
  return new Map([
    ...entries.map(({ specifier }, at) => [fileOf(specifier), reports[at] ?? ""] as const),
    ["docs/library.md", libraryReference(entries, read)],
    ["docs/metrics.md", withMetricsTable(readFileSync(join(root, "docs/metrics.md"), "utf8"))],
  ]);
}

function fileOf(specifier: string): string {
  return `api/${specifier.replace("posthorn/", "")}.api.txt`;
}

/** The folder that tsc has emitted to, without checking types: that is done elsewhere. */
function emitDeclarations(): string {
  const out = mkdtempSync(join(tmpdir(), "posthorn-api-"));
  process.on("exit", () => rmSync(out, { recursive: true, force: true }));
  const tsc = join(fileURLToPath(import.meta.resolve("typescript/package.json")), "..", "bin", "tsc");
  const only = "--emitDeclarationOnly --noCheck";
  const args = ["--project", "tsconfig.build.json", "--outDir", out, ...only.split(" ")];
  const { status, error } = spawnSync(process.execPath, [tsc, ...args], { cwd: root, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error("tsc could not emit the declarations: see above");
  return out;
}

function write(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, text] of files) writeFileSync(join(root, file), text);
}

function check(): void {
  const known = [...readdirSync(folder).map((name) => `api/${name}`), "docs/library.md", "docs/metrics.md"];
  const kept = new Map(known.map((file) => [file, textOf(file)]));
  const all = [...new Set([...known, ...files.keys()])];
  const changed = all.filter((file) => kept.get(file) !== files.get(file));
  if (changed.length === 0) return;
  console.error(
    `What the code says is not what stands in ${changed.join(", ")}. ` +
      "Run `npm run api`, look at the diff, and commit it with the change that it shows.",
  );
  process.exitCode = 1;
}

function textOf(file: string): string | undefined {
  return existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : undefined;
}
