/**
 * Faults that a test for everybody cannot make. `npm run faults -- full-disk` fills the disk of a PostgreSQL of its own, which is
 * a small file system in memory; to mount it, the user has to be root.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const FAULTS: Readonly<Record<string, string>> = { "full-disk": "test/fleet/full-disk-for-real.ts" };

const [name = ""] = process.argv.slice(2);
const file = FAULTS[name];
if (file === undefined) {
  console.error(`say which: ${Object.keys(FAULTS).join(", ")}`);
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-reporter=spec", "--disable-warning=ExperimentalWarning", file],
  { cwd: join(import.meta.dirname, ".."), stdio: "inherit" },
);
process.exit(status ?? 1);
