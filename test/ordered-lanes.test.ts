import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../src/cli/test-kit/child.ts";
import { newId } from "../src/core/id.ts";
import { openStore } from "../src/open-store.ts";
import { startTestServer } from "../src/store/postgres/test-kit/server.ts";
import type { Store } from "../src/store/store.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const TASKS = fileURLToPath(new URL("./support/ledger-tasks.ts", import.meta.url));
const MASTER_KEY = Buffer.alloc(32, 3).toString("base64");
const LANES = ["one", "two", "three"];
const JOBS = 16;
const KILLS = 2;

/** Of each lane, the ids of its jobs in the order in which they should go. */
type Expected = ReadonlyMap<string, string[]>;

async function startWorker(t: TestContext, database: string, ledger: string): Promise<Child> {
  const env = { POSTHORN_MASTER_KEY: MASTER_KEY, LEDGER_URL: ledger };
  const worker = new Child(t, ["worker", "--json", "--tasks", TASKS, "--database", database], env);
  await worker.shows("stdout", /"pid":/);
  return worker;
}

/** Jobs for every lane, one commit each, so that their order is told by nothing but their acceptance. */
async function accept(store: Store, expected: Expected, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    for (const [lane, ids] of expected) {
      const now = store.clock.now();
      // ids of several machines are not in the order of acceptance
      const id = newId("job", now - (n % 3) * 5_000);
      const times = { createdAt: now, runAt: now };
      const job = { id, task: "entry", lane, priority: 0, options: "{}", payload: "null", maxAttempts: 2 };
      const enqueues = [{ job: { ...job, ...times, ties: { ordered: true } as const } }];
      await store.queue.commit({ now, enqueues, settlements: [], claim: undefined });
      ids.push(id);
    }
  }
}

/** What came, each job's attempts taken together. */
function cameIn(lane: string, ledger: Receiver["ledger"]): string[] {
  const ids = ledger.flatMap(({ path }) => (path.startsWith(`/${lane}/`) ? [path.split("/")[2] ?? ""] : []));
  return ids.filter((id, at) => id !== ids[at - 1]);
}

async function keepsOrder(t: TestContext, database: string): Promise<void> {
  const store = await openStore(database, { migrate: true });
  t.after(() => store.close());
  const expected: Expected = new Map(LANES.map((lane) => [lane, []]));
  /** Those that fail until their attempts are used up. */
  const failing = new Set<string>();
  const receiver = await Receiver.start(t, (delivery) => {
    const [, , id = "", attempt] = delivery.path.split("/");
    const fails = Number(attempt) === 1 ? id.charCodeAt(id.length - 1) % 4 === 0 : failing.has(id);
    setTimeout(() => delivery.answer(fails || failing.has(id) ? 500 : 200), 5);
  });
  const [killed, ...others] = await Promise.all([
    startWorker(t, database, receiver.url),
    startWorker(t, database, receiver.url),
  ]);
  assert.ok(killed && others.length === 1);
  let victim = killed;
  await accept(store, expected, 1);
  for (const ids of expected.values()) failing.add(ids[0] ?? "");
  const accepting = accept(store, expected, JOBS);
  for (let kill = 1; kill <= KILLS; kill++) {
    const enough = (kill * LANES.length * JOBS) / (KILLS + 2);
    await until(`${enough} attempts were made`, () => receiver.ledger.length >= enough);
    victim.process.kill("SIGKILL");
    await victim.exit();
    victim = await startWorker(t, database, receiver.url);
  }
  await accepting;
  const all = [...expected.values()].flat();
  await until("all have ended", async () => {
    for (const id of all) if ((await store.records.get(id))?.finishedAt === null) return false;
    return true;
  });
  const failed = [...failing];
  for (const id of failed)
    assert.equal((await store.records.get(id))?.status, "failed", "and those behind went on");
  failing.clear();
  await accept(store, expected, 5);
  for (const id of failed) {
    const lane = (await store.records.get(id))?.lane ?? "";
    assert.equal((await store.byHand.rerun(id, store.clock.now()))?.changed, true);
    expected.get(lane)?.push(id);
  }
  const ends = [...new Set([...expected.values()].flat())];
  await until("all have succeeded", async () => {
    for (const id of ends) if ((await store.records.get(id))?.status !== "succeeded") return false;
    return true;
  });
  for (const [lane, ids] of expected) assert.deepEqual(cameIn(lane, receiver.ledger), ids, lane);
}

describe("an ordered lane keeps its order through failures, kills, a second worker and redelivery", () => {
  test("on SQLite", (t) => keepsOrder(t, scratchDatabase()));

  test("on PostgreSQL", async (t) => {
    const server = await startTestServer();
    t.after(() => server.stop());
    await keepsOrder(t, await server.newDatabase());
  });
});
