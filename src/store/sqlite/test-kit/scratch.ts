import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Store } from "../../store.ts";
import type { SqliteOptions } from "../open.ts";
import { openSqliteStore } from "../sqlite-store.ts";

/** A folder that is gone after the test. */
export function scratchFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a database that does not exist yet, in a folder that is gone after the test. */
export function scratchFile(context: TestContext): string {
  return join(scratchFolder(context), "posthorn.db");
}

/** A store that is closed after the test. */
export async function openForTest(context: TestContext, options: SqliteOptions): Promise<Store> {
  const store = await openSqliteStore(options);
  context.after(() => store.close());
  return store;
}

/** The shell command that runs a file of this folder with Node. */
export function childCommand(name: string, ...values: string[]): string[] {
  return [process.execPath, fileURLToPath(new URL(name, import.meta.url)), ...values];
}

/** Runs a command to its end: what it printed, and its exit code. Rejects when it cannot be started. */
export function run(command: readonly string[]): Promise<{ code: number | null; out: string }> {
  const [program = "", ...values] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, values, { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    child.on("error", reject).on("close", (code) => resolve({ code, out }));
  });
}
