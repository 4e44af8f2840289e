import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { findingsAnswer, readyAnswer } from "../src/http/schemas/findings.ts";
import { storeOf } from "../src/store/store-of.ts";
import { open } from "./support/posthorn.ts";
import { scratchDatabase } from "./support/scratch.ts";

test("what is wrong is shown in full to an admin, in short to those who may read, and to nobody else", async (t) => {
  const database = scratchDatabase();
  const posthorn = await open(t, {
    database,
    retainFailed: "90d",
    retainFailedBytes: 2 ** 30,
    worker: false,
  });
  chmodSync(database, 0o644);
  const keys = new Keys(storeOf(posthorn).keys, posthorn.clock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  await posthorn.webhooks.tenants.create({ uid: "acme", name: "Acme" });
  const [admin, reader, bound] = await Promise.all([
    posthorn.keys.create({ name: "admin", role: "admin" }),
    posthorn.keys.create({ name: "reader", role: "read" }),
    posthorn.keys.create({ name: "bound", role: "admin", tenant: "acme" }),
  ]);
  const ask = (path: string, key?: string) =>
    app.fetch(
      new Request(
        `http://127.0.0.1${path}`,
        key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } },
      ),
    );

  const found = findingsAnswer.parse(await (await ask("/doctor", admin.token)).json());
  assert.equal(found.worst, "bad");
  const mode = found.findings.find(({ check }) => check === "file_mode");
  assert.match(mode?.todo ?? "", /^run: chmod 600 /);
  assert.ok(found.findings.some(({ level }) => level === "ok"));
  assert.deepEqual(
    found.storage.map(({ part }) => part),
    ["data", "free", "wal"],
  );
  assert.ok((found.free_disk_bytes ?? 0) > 0);
  assert.deepEqual(found.retention, {
    ...{ jobs: "30d", succeeded: "30d", failed: "90d", audit: "400d" },
    ...{ most_bytes: null, succeeded_bytes: null, failed_bytes: 2 ** 30 },
  });
  for (const key of [reader.token, bound.token]) assert.equal((await ask("/doctor", key)).status, 403);

  const ready = async (key?: string) => readyAnswer.parse(await (await ask("/readyz", key)).json());
  assert.deepEqual((await ready(reader.token)).findings, [
    { check: "file_mode", level: "bad", title: "File mode" },
  ]);
  for (const key of [undefined, bound.token, "phk_unknown"])
    assert.deepEqual(await ready(key), { status: "ok" });
});
