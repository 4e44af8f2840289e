import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { temporaryFolder } from "../src/cli/test-kit/temporary-folder.ts";
import { connectForTest, scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const postgres = scratchServer();
const OPTIONS = { masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"] };
const ENV = { POSTHORN_MASTER_KEY: MASTER_KEY };
const EVENTS = 3;

test("events with deliveries that wait, are held up, stand in line or have failed move to another database, and go on there", async (t) => {
  const folder = temporaryFolder(t);
  const [first, file, second] = [join(folder, "a.db"), join(folder, "a.jsonl"), await postgres.newDatabase()];
  let status = 500;
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(status));
  const here = await open(t, { ...OPTIONS, database: first });
  const { endpoints } = here.webhooks;
  const create = (uid: string, more = {}) =>
    endpoints.create("acme", { uid, url: `${receiver.url}/${uid}`, ...more });
  await create("plain", { retry: { delays: ["20d"] }, headers: { "x-key": "k" } });
  await create("ordered", { limits: { ordered: true }, retry: { delays: ["20d"] } });
  await create("given-up", { retry: { attempts: 1 } });
  await create("paused");
  await endpoints.pause("acme", "paused");
  const sent: string[] = [];
  for (let n = 0; n < EVENTS; n++)
    sent.push(
      (await here.webhooks.send({ tenant: "acme", type: "a", payload: n, eventId: `e-${n}` })).eventId,
    );
  await until("those that may be tried have been", async () => {
    const tried = await here.jobs.list({ attemptsFrom: 1 });
    return tried.length > 2 * EVENTS && tried.filter((job) => job.status === "failed").length === EVENTS;
  });
  await here.close();

  const moved = await ran(["export", "--database", first, "--out", file], ENV);
  assert.equal(moved.code, 0, moved.stderr);
  const imported = await ran(["import", "--database", second, "--in", file], ENV);
  assert.equal(imported.code, 0, imported.stderr);

  // nobody waits for 20 days
  const raw = await connectForTest(t, second);
  await raw.query("update posthorn.scheduled set run_at = 1");
  await raw.query("update posthorn.parked set run_at = 1");
  status = 200;
  receiver.ledger.length = 0;
  const there = await open(t, { ...OPTIONS, database: second });
  const again = await there.webhooks.send({ tenant: "acme", type: "a", payload: 0, eventId: "e-0" });
  assert.deepEqual([again.eventId, again.replayed], [sent[0], true]);
  await there.webhooks.endpoints.resume("acme", "paused");
  for (const event of sent) await there.webhooks.redeliver("acme", event, "given-up");
  for (const path of ["/plain", "/ordered", "/given-up", "/paused"]) {
    const ids = () => receiver.ledger.flatMap((delivery) => (delivery.path === path ? [delivery.id] : []));
    await until(`all have come to ${path}`, async () => {
      // what is let in a few at a time need not be waited for
      await raw.query("update posthorn.endpoint_health set probe_at = 1 where probe_at is not null");
      return ids().length >= EVENTS;
    });
    assert.deepEqual(path === "/ordered" ? ids() : ids().sort(), sent, path);
  }
  assert.equal(receiver.ledger.find(({ path }) => path === "/plain")?.headers["x-key"], "k");
});
