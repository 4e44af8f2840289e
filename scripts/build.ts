/** Builds dist/ from src/: JavaScript and types by tsc, and everything else the code reads at run time beside it. */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");
const dist = join(root, "dist");
const tsc = join(fileURLToPath(import.meta.resolve("typescript/package.json")), "..", "bin", "tsc");

rmSync(dist, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [tsc, "--project", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (error !== undefined) throw error;
if (status === 0) {
  cpSync(src, dist, {
    recursive: true,
    filter: (path) => (statSync(path).isDirectory() ? basename(path) !== "test-kit" : !path.endsWith(".ts")),
  });
} else {
  // tsc emits even when it finds errors: half a build must not be mistaken for one.
  rmSync(dist, { recursive: true, force: true });
  process.exitCode = 1;
}
