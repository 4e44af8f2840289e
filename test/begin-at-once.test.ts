import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { request, task } from "../src/posthorn.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { open } from "./support/posthorn.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const postgres = scratchServer();
const DATABASES = {
  SQLite: async () => scratchDatabase(),
  PostgreSQL: () => postgres.newDatabase(),
};
const masterKey = Buffer.alloc(32, 1).toString("base64");

/** Two workers with four slots each, and handlers that run until the test ends. Who has begun which jobs. */
async function twoWorkers(t: TestContext, database: string, limits?: { concurrency: number }) {
  const begun: { worker: number; n: number }[] = [];
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const longer = (worker: number) =>
    task<{ n: number }>("longer", {
      lane: ({ n }) => `lane-${n % 4}`,
      ...(limits && { limits }),
      async run({ n }) {
        begun.push({ worker, n });
        await over;
      },
    });
  for (const worker of [0, 1]) {
    await open(t, { database, masterKey, concurrency: 4, tasks: [longer(worker)] });
  }
  const producer = await open(t, { database, masterKey, worker: false });
  t.after(() => end()); // first, so that nothing is waited for as the workers close
  return { begun, producer, longer: longer(2) };
}

for (const [name, newDatabase] of Object.entries(DATABASES)) {
  test(`${name}: eight long jobs in four lanes begin at once on two workers with four slots each`, async (t) => {
    const { begun, producer, longer } = await twoWorkers(t, await newDatabase());
    await producer.enqueueMany(Array.from({ length: 8 }, (_, n) => request(longer, { n })));
    await until("all have begun", () => begun.length === 8);
    const byWorker = [0, 1].map((worker) => begun.filter((each) => each.worker === worker).length);
    assert.deepEqual(byWorker, [4, 4]);
    for (const job of await producer.jobs.list({ tasks: ["longer"] })) {
      assert.deepEqual([job.status, job.attempts], ["running", 1]);
    }
  });

  test(`${name}: what no worker has a slot for is queued, and counts no attempt`, async (t) => {
    const { begun, producer, longer } = await twoWorkers(t, await newDatabase());
    await producer.enqueueMany(Array.from({ length: 40 }, (_, n) => request(longer, { n })));
    await until("all slots are taken", () => begun.length === 8);
    const waiting = await producer.jobs.list({ tasks: ["longer"], status: "queued" });
    assert.equal(waiting.length, 32);
    for (const { attempts, startedAt } of waiting) assert.deepEqual([attempts, startedAt], [0, null]);
  });
}
