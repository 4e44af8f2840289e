import { join } from "node:path";
import type { Command } from "../machine/launched.ts";
import type { System } from "./system.ts";

export const ceilingSqlite: System = {
  name: "ceiling-sqlite",
  title: "ceiling, SQLite",
  group: "ceiling",
  durability: "on disk before the 202: synchronous = full",
  commands: ({ folder }) => [ceiling("ceiling-sqlite.ts", join(folder, "ceiling.db"))],
};

export const ceilingPostgres: System = {
  name: "ceiling-postgres",
  title: "ceiling, PostgreSQL",
  group: "ceiling",
  durability: "on disk before the 202: synchronous_commit = on",
  service: "postgres",
  commands: ({ serviceUrl }) => [ceiling("ceiling-postgres.ts", serviceUrl)],
};

function ceiling(script: string, database: string): Command {
  return {
    file: process.execPath,
    args: [join(import.meta.dirname, script), "--port", "0", "--database", database],
    ready: /ready (http:\S+)/,
  };
}
