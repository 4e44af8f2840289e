import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A PostgreSQL of the example's own. Your app has one already. */
export async function startPostgres(folder: string) {
  const server = fork(join(import.meta.dirname, "postgres-server.ts"), [folder], { detached: true });
  const ended = once(server, "exit");
  const [url] = await Promise.race([
    once(server, "message"),
    ended.then(() => Promise.reject(new Error("PostgreSQL could not be started"))),
  ]);
  return {
    url: String(url),
    async stop() {
      server.disconnect();
      await ended;
    },
  };
}
