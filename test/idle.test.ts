import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { ManualClock } from "../src/core/clock.ts";
import { Engine } from "../src/engine/engine.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { Receiver } from "./support/receiver.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { turns, until } from "./support/until.ts";

/** Longer than anything that is written a moment later waits for. */
const AT_REST_MS = 3_000;

test("an idle server writes nothing to disk", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t);
  const server = await Server.start(t, database);
  const ids = await Promise.all(
    Array.from({ length: 20 }, () => server.api.deliver({ target_url: receiver.url, payload: 1 })),
  );
  for (const id of ids) await server.api.becomes(id, "succeeded");

  // The server takes notice of this stranger in the first of its regular rounds (5 s apart) after the deadline, so while
  // the stranger stands there, more than one of them may have passed, and no reason to write.
  const raw = openRaw(t, database);
  await until("the statistics of what was done are written", () => {
    const [succeeded] = column(raw, "select sum(succeeded) from stats where task = ''");
    return succeeded === 20;
  });
  // what is told a moment later than its end may be written once more, a second later
  let last = { seen: written(database), at: Date.now() };
  await until("it has come to rest", () => {
    const seen = written(database);
    if (!isDeepStrictEqual(seen, last.seen)) last = { seen, at: Date.now() };
    return Date.now() - last.at > AT_REST_MS;
  });
  raw
    .prepare(
      "insert into workers (id, machine, pid, started_at, deadline, concurrency, slots_held, version, tasks) values ('stranger', 'elsewhere', 1, 0, ?, 1, 0, '', '[]')",
    )
    .run(Date.now() + 5_200);
  const before = written(database);
  let looks = 0;
  let wroteAt: number | undefined;
  await until("the stranger is gone", () => {
    const now = written(database);
    raw.exec("begin immediate; rollback"); // a write that is under way, its bytes there and not yet seen, comes to its end
    if (column(raw, "select id from workers where id = 'stranger'").length === 0) return true;
    if (isDeepStrictEqual(now, before)) looks++;
    else wroteAt ??= Date.now(); // on a busy machine, what removes the stranger may be there before it counts
    if (wroteAt !== undefined && Date.now() - wroteAt > AT_REST_MS) assert.deepEqual(now, before);
    return undefined;
  });
  assert.ok(looks > 1);
  assert.notDeepEqual(written(database), before, "the files that are looked at do change with a write");
});

test("an hour of nothing to do writes nothing", async (t) => {
  const file = scratchDatabase();
  const clock = new ManualClock(Date.now());
  const store = await openSqliteStore({ file });
  const engine = new Engine({ store, clock, tasks: [], retention: { jobsMs: 86_400_000 } });
  t.after(async () => {
    await engine.stop(0);
    await store.close();
  });
  await engine.start();
  await turns();
  const before = [bytesOf(file), bytesOf(`${file}-wal`)];
  for (let second = 0; second < 3_600; second++) {
    clock.advance(1_000);
    await turns(3);
  }
  assert.deepEqual([bytesOf(file), bytesOf(`${file}-wal`)], before);

  await store.secrets.putOnce("any", "write");
  assert.notDeepEqual([bytesOf(file), bytesOf(`${file}-wal`)], before);
});

/** What shows a write: the size and time of both files. */
function written(database: string): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const file of [database, `${database}-wal`].filter(existsSync)) {
    const { size, mtimeMs } = statSync(file);
    shown[file] = [size, mtimeMs];
  }
  return shown;
}

function bytesOf(file: string): string {
  return existsSync(file) ? readFileSync(file).toString("base64") : "";
}
