import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The path of a database that does not exist yet, in a folder that goes with this process, when nothing uses it any more. */
export function scratchDatabase(): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-test-"));
  folders.push(folder);
  return join(folder, "posthorn.db");
}

/** A connection of the test's own, to look behind the product's back. It waits for locks. */
export function openRaw(t: TestContext, file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { timeout: 10_000 });
  t.after(() => connection.isOpen && connection.close());
  return connection;
}

/** The first column of each row. */
export function column(database: DatabaseSync, sql: string): unknown[] {
  return database
    .prepare(sql)
    .all()
    .map((row) => Object.values(row)[0]);
}
