import assert from "node:assert/strict";
import { mock, type TestContext, test } from "node:test";
import type { Ties } from "../../../core/ties.ts";
import { HOUR } from "../../test-kit/store-under-test.ts";
import { claim, commit, newJobs, settlement } from "../../test-kit/stored-jobs.ts";
import { RoundTrip } from "../driver/round-trip.ts";
import { openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();

/** The messages that it takes to record that ten jobs succeeded. */
async function tripsToSettle(t: TestContext, tiesOf: (n: number) => Ties | undefined): Promise<number> {
  const store = await openForTest(t, await server.newDatabase());
  const onSettled = { task: "report", lane: "reports", priority: 1, options: "{}", maxAttempts: 2 };
  const enqueues = newJobs(10).map((job, n) => {
    const ties = tiesOf(n);
    return { job: ties ? { ...job, ties } : job };
  });
  const isGrouped = enqueues.some(({ job }) => job.ties?.groupId !== undefined);
  const groups = isGrouped ? [{ id: "grp_one", onSettled }] : [];
  await commit(store, { submissions: [{ jobs: enqueues.map(({ job }) => job), groups }] });
  const leases = await claim(store);
  assert.equal(leases.length, 10);
  const add = mock.method(RoundTrip.prototype, "add");
  const settlements = leases.map((lease) => settlement(lease, { status: "succeeded", result: null }));
  const { settled } = await commit(store, { settlements });
  // the notification of other processes is sent by itself, after the commit
  const calls = add.mock.calls.filter(({ arguments: [{ text }] }) => !text.includes("pg_notify"));
  add.mock.restore();
  assert.ok(settled.every(Boolean));
  return new Set(calls.map((call) => call.this)).size;
}

test("ends of jobs with a retention of their own take no more round trips than others", async (t) => {
  const plain = await tripsToSettle(t, () => undefined);
  assert.equal(await tripsToSettle(t, () => ({ retainMs: HOUR })), plain);
});

test("ends that may call for other jobs, of keys and groups, take one round trip more", async (t) => {
  const plain = await tripsToSettle(t, () => undefined);
  assert.equal(await tripsToSettle(t, (n) => ({ key: `k${n}` })), plain + 1);
  assert.equal(await tripsToSettle(t, (n) => ({ key: `k${n}`, groupId: "grp_one" })), plain + 1);
});
