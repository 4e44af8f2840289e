import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundleConsole, CONSOLE_SOURCES } from "./bundle.ts";
import type { ConsoleFiles } from "./console-files.ts";

let kept: { readonly stamp: number; readonly files: Promise<ConsoleFiles> } | undefined;

/**
 * The console's files. In a clone they are bundled on the first request, and again once a source was changed. The build puts a
 * module with the finished files in this one's place.
 */
export function consoleFiles(): Promise<ConsoleFiles> {
  const stamp = lastChange();
  if (kept?.stamp !== stamp) {
    const files = bundleConsole();
    kept = { stamp, files };
    files.catch(() => {
      if (kept?.files === files) kept = undefined; // a typo that is corrected needs no restart
    });
  }
  return kept.files;
}

function lastChange(): number {
  const names = readdirSync(CONSOLE_SOURCES, { recursive: true, encoding: "utf8" });
  return Math.max(...names.map((name) => statSync(join(CONSOLE_SOURCES, name)).mtimeMs));
}
