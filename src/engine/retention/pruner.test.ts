import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ManualClock } from "../../core/clock.ts";
import { Instrument } from "../../observe/instrument.ts";
import { listJobs } from "../../store/list-jobs.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { newEndpoint, newTenant } from "../../store/test-kit/shelves/registered.ts";
import { newJob } from "../test-kit/engine-under-test.ts";
import { type PruneResult, Pruner } from "./pruner.ts";
import type { RetentionPeriods } from "./retention-periods.ts";

const RETENTION_MS = 60_000;

const DAY_MS = 86_400_000;

async function pruner(
  context: TestContext,
  periods: Partial<RetentionPeriods> = {},
  instrument = new Instrument(),
) {
  const clock = new ManualClock();
  const real = await openSqliteStore({ file: ":memory:" });
  context.after(() => real.close());
  const batches: string[] = [];
  const begunAt: (string | null)[] = [];
  let pruned = () => {};
  const store = overlaid(real, {
    retention: {
      pruneJobs: async (before, after, limit) => {
        const batch = await real.retention.pruneJobs(before, after, limit);
        begunAt.push(after);
        batches.push(`${batch.pruned} jobs`);
        pruned();
        return batch;
      },
      pruneIdempotencyKeys: async (now, limit) => {
        const deleted = await real.retention.pruneIdempotencyKeys(now, limit);
        batches.push(`${deleted} keys`);
        return deleted;
      },
    },
  });
  const it = new Pruner(store, clock, instrument, { jobsMs: RETENTION_MS, ...periods });
  return {
    clock,
    store: real,
    batches,
    begunAt,
    it,
    /** Lets a run come to its end, with as much time passing as it pauses. */
    async run(runs: Promise<unknown> = it.run()): Promise<void> {
      let isOver = false;
      const over = runs.finally(() => {
        isOver = true;
      });
      over.catch(() => {}); // it is waited for below
      while (!isOver) {
        await nextTurn();
        clock.advance(1);
      }
      await over;
    },
    whenPruned(action: () => void) {
      pruned = action;
    },
    /** Jobs, made an hour ago, that end now; each with an idempotency key that expires after `keyMs`. */
    async end(count: number, keyMs = 3_600_000): Promise<string[]> {
      const now = clock.now();
      const jobs = Array.from({ length: count }, (_, at) => newJob(now, { id: oldId(at), runAt: now + 1 }));
      await real.queue.commit({
        now,
        enqueues: jobs.map((job) => ({
          job,
          idempotency: { scope: "", key: job.id, fingerprint: "", expiresAt: now + keyMs },
        })),
        settlements: [],
        claim: undefined,
      });
      for (const { id } of jobs) await real.byHand.cancel(id, now);
      return jobs.map(({ id }) => id);
    },
  };
}

/** Ids of the distant past, which is when these jobs were created. */
function oldId(at: number): string {
  return `job_${String(at).padStart(26, "0")}`;
}

test("all that is past its retention is deleted, in batches, jobs and keys", async (context) => {
  const { run, end, clock, store, batches } = await pruner(context);
  await end(125, RETENTION_MS);
  clock.advance(RETENTION_MS + 1);
  await run();
  assert.deepEqual(await listJobs(store.records, {}, { limit: 10 }), []);
  assert.deepEqual(batches, ["50 jobs", "50 jobs", "25 jobs", "50 keys", "50 keys", "25 keys"]);
});

test("what is within its retention, or has not ended, stays", async (context) => {
  const { run, end, clock, store } = await pruner(context);
  const [ended = ""] = await end(1);
  clock.advance(RETENTION_MS);
  await run();
  assert.ok(await store.records.get(ended));
  await store.byHand.rerun(ended, clock.now());
  clock.advance(100 * RETENTION_MS);
  await run();
  assert.equal((await store.records.get(ended))?.status, "queued");
});

test("it stops between two batches, and a stopped one deletes nothing", async (context) => {
  const { it, run, end, clock, batches, whenPruned } = await pruner(context);
  await end(125);
  clock.advance(RETENTION_MS + 1);
  whenPruned(() => it.stop());
  await run();
  assert.deepEqual(batches, ["50 jobs"]);
  await run();
  assert.deepEqual(batches, ["50 jobs"]);
});

test("a run while one is under way does nothing, and one after it works again", async (context) => {
  const { it, run, end, clock, batches } = await pruner(context);
  await end(75);
  clock.advance(RETENTION_MS + 1);
  await run(Promise.all([it.run(), it.run()]));
  assert.deepEqual(batches, ["50 jobs", "25 jobs", "0 keys"]);
  await run();
  assert.deepEqual(batches.slice(3), ["0 jobs", "0 keys"]);
});

test("asked to prune now, it reports what was deleted, and waits for a run that is under way, but no longer than it may", async (context) => {
  const { it, run, end, clock } = await pruner(context);
  await end(75);
  clock.advance(RETENTION_MS + 1);
  const told: PruneResult[] = [];
  const tell = async (mostMs?: number) => void told.push(await it.now(mostMs));
  await run(Promise.all([tell(), it.run()]));
  await run(tell());
  await end(195);
  clock.advance(RETENTION_MS + 1);
  await run(Promise.all([tell(15), it.run()])); // two pauses take longer
  await it.stop();
  await tell();
  assert.deepEqual(told.slice(0, 2), [
    { pruned: { jobs: 75 }, isComplete: true },
    { pruned: {}, isComplete: true },
  ]);
  assert.ok((told[2]?.pruned.jobs ?? 0) < 120);
  assert.deepEqual(
    told.slice(2).map(({ isComplete }) => isComplete),
    [false, false],
  );
});

test("asked to prune now, it also deletes what a run that is under way has passed by", async (context) => {
  const { it, run, end, clock, store, batches, whenPruned } = await pruner(context);
  clock.advance(RETENTION_MS + 1);
  let asked: Promise<PruneResult> | undefined;
  whenPruned(() => {
    asked ??= end(5).then(() => {
      clock.advance(RETENTION_MS + 1);
      return it.now();
    });
  });
  await run(it.run().then(() => asked));
  assert.deepEqual(await asked, { pruned: { jobs: 5 }, isComplete: true });
  assert.deepEqual(await listJobs(store.records, {}, { limit: 10 }), []);
  assert.deepEqual(batches, ["0 jobs", "0 keys", "5 jobs", "0 keys"]);
});

test("failed and cancelled jobs go by their own retention", async (context) => {
  for (const failedMs of [RETENTION_MS / 2, RETENTION_MS * 2]) {
    const { run, end, clock, store } = await pruner(context, { failedMs });
    await end(60);
    clock.advance(failedMs);
    await run();
    assert.equal((await listJobs(store.records, {}, { limit: 100 })).length, 60);
    clock.advance(1);
    await run();
    assert.deepEqual(await listJobs(store.records, {}, { limit: 10 }), []);
  }
});

test("where failed jobs are kept for longer, a run goes on past them, and begins at the oldest every half hour", async (context) => {
  const { it, run, end, clock, begunAt } = await pruner(context, { failedMs: 100 * RETENTION_MS });
  await end(1_010);
  clock.advance(RETENTION_MS + 1);
  await run();
  const [fromOldest, reached] = begunAt;
  assert.ok(fromOldest === null && typeof reached === "string");
  await run();
  assert.deepEqual(begunAt, [null, reached, reached]);
  clock.advance(30 * 60_000);
  await run();
  assert.deepEqual(begunAt.slice(3), [null, reached]);
  await run(it.now());
  assert.deepEqual(begunAt.slice(5), [null, reached], "once somebody asks, too");
});

test("a run that fails can be followed by another", async (context) => {
  const { run, end, clock, store, whenPruned } = await pruner(context);
  await end(10);
  clock.advance(RETENTION_MS + 1);
  whenPruned(() => {
    throw new Error("no disk");
  });
  await assert.rejects(run(), /no disk/);
  whenPruned(() => {});
  await run();
  assert.deepEqual(await listJobs(store.records, {}, { limit: 10 }), []);
});

test("deleted tenants and endpoints are kept for a day, however short the retention is", async (context) => {
  const { run, clock, store } = await pruner(context);
  const tenant = newTenant({ uid: "gone" });
  const endpoint = newEndpoint(tenant.id);
  await store.tenants.create(tenant);
  await store.endpoints.create(endpoint);
  await store.tenants.remove(tenant.id, clock.now());
  clock.advance(24 * 3_600_000);
  await run();
  assert.ok(await store.tenants.deletedWithUid("gone", 0));
  clock.advance(1_000);
  await run();
  assert.equal(await store.tenants.deletedWithUid("gone", 0), undefined);
  assert.deepEqual(await store.endpoints.known([endpoint]), []);
});

test("what has been parked for 30 days is given up, batch by batch, and reported", async (context) => {
  const instrument = new Instrument();
  const told: string[] = [];
  instrument["jobs.expired"].subscribe(({ count }) => told.push(`${count} expired`));
  let cancelled = 0;
  instrument["job.cancelled"].subscribe(() => cancelled++);
  const { clock, store, run } = await pruner(context, { jobsMs: 60 * DAY_MS }, instrument);
  const jobs = Array.from({ length: 60 }, () => newJob(clock.now(), { parked: "paused" }));
  const enqueues = jobs.map((job) => ({ job }));
  await store.queue.commit({ now: clock.now(), enqueues, settlements: [], claim: undefined });
  clock.advance(30 * DAY_MS - 1_000);
  await run();
  assert.deepEqual(told, []);
  clock.advance(2_000);
  await run();
  assert.deepEqual([told, cancelled], [["50 expired", "10 expired"], 60]);
  assert.equal((await store.records.get(jobs[0]?.id ?? ""))?.error, "expired");
});
