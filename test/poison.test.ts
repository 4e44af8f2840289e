import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../src/cli/test-kit/child.ts";
import { openStore } from "../src/open-store.ts";
import { openPosthorn, type Posthorn, silentLog } from "../src/posthorn.ts";
import { startTestServer } from "../src/store/postgres/test-kit/server.ts";
import { storeOf } from "../src/store/store-of.ts";
import { blocking, innocent, poison } from "./support/poisonous-tasks.ts";
import { openRaw, scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const TASKS = fileURLToPath(new URL("./support/poisonous-tasks.ts", import.meta.url));
const MASTER_KEY = Buffer.alloc(32, 3).toString("base64");
const DAY = 86_400_000;

function worker(t: TestContext, database: string): Child {
  const env = { POSTHORN_MASTER_KEY: MASTER_KEY };
  return new Child(t, ["worker", "--json", "--tasks", TASKS, "--database", database], env);
}

/** Restarts a worker whenever it ends, as systemd and Kubernetes do; gives how often it has done so. */
function supervise(t: TestContext, database: string) {
  const starts = { count: 0 };
  let isOver = false;
  t.after(() => {
    isOver = true;
  });
  void (async () => {
    while (!isOver) {
      starts.count++;
      await worker(t, database).exit();
    }
  })();
  return starts;
}

async function producer(t: TestContext, database: string): Promise<Posthorn> {
  const posthorn = await openPosthorn({ database, worker: false, masterKey: MASTER_KEY, log: silentLog });
  t.after(() => posthorn.close());
  return posthorn;
}

async function innocentSurvives(t: TestContext, database: string): Promise<void> {
  const posthorn = await producer(t, database);
  const [bad, good] = [
    await posthorn.enqueue(poison, undefined),
    await posthorn.enqueue(innocent, undefined),
  ];
  const starts = supervise(t, database);
  const ends = async (id: string) => (await posthorn.jobs.get(id)).finishedAt !== null;
  await until("the innocent job has ended", () => ends(good.jobId));
  // the pauses between the poisonous job's attempts grow to minutes, which this test does not wait for
  const { queue } = storeOf(posthorn);
  await until("the poisonous job has ended", async () => {
    await queue.promote(Date.now() + DAY, 9);
    return ends(bad.jobId);
  });
  const [succeeded, failed] = [await posthorn.jobs.get(good.jobId), await posthorn.jobs.get(bad.jobId)];
  assert.equal(succeeded.status, "succeeded");
  assert.equal(failed.status, "failed");
  assert.match(
    failed.error ?? "",
    /held this job and no other, 3 times in a row: it is what ends its workers$/,
  );
  assert.ok(failed.attempts < 15 && starts.count < 20, `${failed.attempts} attempts, ${starts.count} starts`);
  const outcomes = (await posthorn.jobs.attempts(bad.jobId)).map(({ outcome }) => outcome);
  assert.deepEqual(new Set(outcomes), new Set(["lost"]));
}

describe("jobs that end or block their process", { concurrency: true }, () => {
  test("a job that ends its process fails permanently, and one that ran next to it succeeds", async (t) => {
    await innocentSurvives(t, scratchDatabase());
  });

  test("the same holds on PostgreSQL", async (t) => {
    const server = await startTestServer();
    t.after(() => server.stop());
    const database = await server.newDatabase();
    await (await openStore(database, { migrate: true })).close();
    await innocentSurvives(t, database);
  });

  test("a handler that blocks its process past the lease keeps its job, and its result counts", async (t) => {
    const database = scratchDatabase();
    const posthorn = await producer(t, database);
    const first = worker(t, database);
    const { jobId } = await posthorn.enqueue(blocking, undefined);
    const raw = openRaw(t, database);
    const held = raw.prepare("select pid from workers join leases on worker = id");
    const pid = await until("it runs", () => held.get()?.pid);
    assert.equal(pid, first.process.pid);
    const other = worker(t, database);
    await other.shows("stdout", /"pid"/);
    // what half a minute without a heartbeat leaves behind
    openRaw(t, database)
      .prepare("update workers set deadline = ? where pid = ?")
      .run(Date.now() - 1_000, pid);
    await until("it has ended", async () => (await posthorn.jobs.get(jobId)).finishedAt !== null);
    const { status, attempts } = await posthorn.jobs.get(jobId);
    assert.deepEqual([status, attempts], ["succeeded", 1]);
  });
});
