import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that goes with the process. Your app keeps its database where it survives. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-example-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
