import { join } from "node:path";
import type { Command } from "../machine/launched.ts";
import type { Place, System } from "./system.ts";

const here = (path: string) => join(import.meta.dirname, path);
const NODE = ["--max-semi-space-size=16"];
const MAIN = here("../../dist/cli/main.js"); // requirements.ts builds it
const DEFAULTS = ["--log-level", "warn"];

const sqliteFile = ({ folder }: Place) => join(folder, "posthorn.db");

/** The product with its defaults, as it is in the package, with the flag that `npm start` has and the README names. */
export const posthornSqlite: System = {
  name: "posthorn-sqlite",
  title: "Posthorn, SQLite",
  group: "posthorn",
  durability: "on disk before the 202: synchronous = full",
  store: sqliteFile,
  commands: (place) => [serve(sqliteFile(place))],
  task: (place, jobs) => noopJobs(sqliteFile(place), jobs),
};

export const posthornPostgres: System = {
  name: "posthorn-postgres",
  title: "Posthorn, PostgreSQL",
  group: "posthorn",
  durability: "on disk before the 202: synchronous_commit = on",
  service: "postgres",
  hasWorkers: true,
  store: ({ serviceUrl }) => serviceUrl,
  commands: ({ serviceUrl, workers }) =>
    workers === 0
      ? [serve(serviceUrl)]
      : [serve(serviceUrl, "--no-worker"), ...Array.from({ length: workers }, () => worker(serviceUrl))],
  task: ({ serviceUrl }, jobs) => noopJobs(serviceUrl, jobs),
};

function serve(database: string, ...flags: string[]): Command {
  return {
    file: process.execPath,
    args: [...NODE, MAIN, "serve", "--dev", ...DEFAULTS, "--port", "0", "--database", database, ...flags],
    ready: /listens on (http:\S+)/,
  };
}

function worker(database: string): Command {
  return {
    file: process.execPath,
    args: [...NODE, MAIN, "worker", ...DEFAULTS, "--allow-targets", "127.0.0.1", "--database", database],
  };
}

function noopJobs(database: string, jobs: number): Command {
  return {
    file: process.execPath,
    args: [here("posthorn-task.ts"), "--database", database, "--jobs", String(jobs)],
    ready: /(\{.*\})/,
  };
}
