import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RoundTrip } from "../src/store/postgres/driver/round-trip.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { storeOf } from "../src/store/store-of.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const postgres = scratchServer();
const OPTIONS = {
  allowTargets: ["127.0.0.1"],
  masterKey: Buffer.alloc(32, 7).toString("base64"),
};
/** Ten in each fifth of a second. */
const PACE = 50;
const MISSED = 25;
/** How many events a run looks at together when it counts how much is left. */
const COUNTED = 100;

test("a replay reads no further ahead than its pace, asks once for a whole slice of events, and makes no more jobs at once than its pace", async (t) => {
  const posthorn = await open(t, { ...OPTIONS, database: await postgres.newDatabase() });
  const receiver = await Receiver.start(t);
  const { webhooks, bulk } = posthorn;
  await webhooks.tenants.create({ uid: "late" });
  for (let n = 0; n < MISSED; n++) await webhooks.send({ tenant: "late", type: "a", payload: { n } });
  const options = { url: receiver.url, filter: { "$.n": { gte: 0 } } };
  const { endpoint } = await webhooks.endpoints.create("late", options);
  const store = storeOf(posthorn);
  const list = mock.method(store.events, "list");
  const commit = mock.method(store.queue, "commit");
  const statements = mock.method(RoundTrip.prototype, "add");
  t.after(() => statements.mock.restore());
  const replay = { since: "1h", what: "missing", pace: PACE, startsIn: 0 } as const;
  const { run } = await webhooks.replay("late", endpoint.id, replay);
  await until("all are made", async () => (await bulk.get(run.id)).state === "done");

  const reads = list.mock.calls.map(({ arguments: [, { limit }] }) => limit);
  assert.equal(reads.filter((limit) => limit === COUNTED).length, 1, "how much is left is counted once");
  const slices = reads.filter((limit) => limit !== COUNTED);
  assert.deepEqual(new Set(slices), new Set([PACE / 5 + 1]), "how many events are read");
  const asked = (fragment: string) =>
    statements.mock.calls.filter(({ arguments: [{ text }] }) => text.includes(fragment)).length;
  const questions = {
    jobs: asked("j.event = any"),
    kept: asked("payload is not null"),
  };
  assert.ok(Math.max(...Object.values(questions)) <= reads.length, JSON.stringify({ slices, questions }));
  const made = commit.mock.calls.flatMap(({ arguments: [{ submissions = [] }] }) =>
    submissions
      .map(({ jobs }) => jobs.filter(({ origin }) => origin?.bulk === run.id).length)
      .filter(Boolean),
  );
  assert.equal(
    made.reduce((all, n) => all + n, 0),
    MISSED,
  );
  assert.ok(Math.max(...made) <= PACE / 5, String(made));
});
