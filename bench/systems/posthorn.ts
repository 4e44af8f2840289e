import { join, resolve } from "node:path";
import type { Command } from "../machine/launched.ts";
import type { Place, System } from "./system.ts";

const here = (path: string) => join(import.meta.dirname, path);
const CHECKOUT = here("../..");
const NODE = ["--max-semi-space-size=16"];
const DEFAULTS = ["--log-level", "warn"];

const sqliteFile = ({ folder }: Place) => join(folder, "posthorn.db");

/** The product with its defaults, as it is in the package, with the flag that `npm start` has and the README names. */
export const [posthornSqlite, posthornPostgres] = posthornOf(CHECKOUT);

/** That of another checkout, to be measured in turns with this one by the same load generator. */
export function posthornAgainst(checkout: string): readonly System[] {
  return posthornOf(resolve(checkout)).map((system) => ({
    ...system,
    name: `${system.name}-against`,
    title: `${system.title}, ${checkout}`,
  }));
}

function posthornOf(checkout: string): readonly [System, System] {
  const main = join(checkout, "dist/cli/main.js"); // requirements.ts builds it
  const sqlite: System = {
    name: "posthorn-sqlite",
    title: "Posthorn, SQLite",
    group: "posthorn",
    checkout,
    durability: "on disk before the 202: synchronous = full",
    store: sqliteFile,
    commands: (place) => [serve(main, sqliteFile(place))],
    task: (place, jobs) => noopJobs(checkout, sqliteFile(place), jobs),
  };
  const postgres: System = {
    name: "posthorn-postgres",
    title: "Posthorn, PostgreSQL",
    group: "posthorn",
    checkout,
    durability: "on disk before the 202: synchronous_commit = on",
    service: "postgres",
    hasWorkers: true,
    store: ({ serviceUrl }) => serviceUrl,
    commands: ({ serviceUrl, workers }) =>
      workers === 0
        ? [serve(main, serviceUrl)]
        : [
            serve(main, serviceUrl, "--no-worker"),
            ...Array.from({ length: workers }, () => worker(main, serviceUrl)),
          ],
    task: ({ serviceUrl }, jobs) => noopJobs(checkout, serviceUrl, jobs),
  };
  return [sqlite, postgres];
}

function serve(main: string, database: string, ...flags: string[]): Command {
  return {
    file: process.execPath,
    args: [...NODE, main, "serve", "--dev", ...DEFAULTS, "--port", "0", "--database", database, ...flags],
    ready: /listens on (http:\S+)/,
  };
}

function worker(main: string, database: string): Command {
  return {
    file: process.execPath,
    args: [...NODE, main, "worker", ...DEFAULTS, "--allow-targets", "127.0.0.1", "--database", database],
  };
}

function noopJobs(checkout: string, database: string, jobs: number): Command {
  return {
    file: process.execPath,
    args: [join(checkout, "bench/systems/posthorn-task.ts"), "--database", database, "--jobs", String(jobs)],
    ready: /(\{.*\})/,
  };
}
