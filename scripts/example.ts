/**
 * Runs an example from source, on the Node that npm chose:
 *
 *     npm run example orders-hono
 *
 * The condition makes `import … from "posthorn"` mean src/ instead of dist/: see examples/README.md.
 */
import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const folder = join(import.meta.dirname, "..", "examples");
const [name = "", ...args] = process.argv.slice(2);
const main = join(folder, basename(name), "main.ts");
if (name === "" || !existsSync(main)) {
  const names = globSync("*/main.ts", { cwd: folder }).map(dirname).toSorted();
  console.error(`npm run example NAME, where NAME is one of: ${names.join(", ")}`);
  process.exit(2);
}

const example = spawn(
  process.execPath,
  ["--conditions=posthorn-source", "--disable-warning=ExperimentalWarning", main, ...args],
  { stdio: "inherit" },
);
process.on("SIGTERM", () => example.kill("SIGTERM"));
process.on("SIGINT", () => {}); // Ctrl-C reaches the example too; this waits for it
example.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
