import assert from "node:assert/strict";
import { renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Receiver } from "./support/receiver.ts";
import { openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

for (const { what, away } of [
  {
    what: "removed",
    away: (file: string) => {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix);
    },
  },
  { what: "replaced by its backup", away: (file: string) => renameSync(`${file}.backup`, file) },
]) {
  test(`a server whose database file is ${what} accepts nothing more, is not ready, and logs why`, async (t) => {
    const database = scratchDatabase();
    const receiver = await Receiver.start(t);
    const server = await Server.start(t, database);
    const deliver = () =>
      server.api.ask("POST", "/webhooks/deliver", { target_url: receiver.url, payload: 1 });
    const id = await server.api.deliver({ target_url: receiver.url, payload: 1 });
    await server.api.becomes(id, "succeeded");
    openRaw(t, database).exec(`vacuum into '${database}.backup'`);

    away(database);
    await until("nothing is accepted", async () => (await deliver()).status === 503);
    assert.equal((await server.api.ask("GET", "/readyz")).status, 503);
    await server.logs(new RegExp(`was ${what.split(" ")[0]}.* while it was in use`));
    await server.stop();
    if (what === "removed") return;
    const restored = new DatabaseSync(database);
    t.after(() => restored.close());
    assert.deepEqual({ ...restored.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
    assert.equal(restored.prepare("select count(*) as n from finished").get()?.n, 1);
  });
}
