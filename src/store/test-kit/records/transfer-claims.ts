import assert from "node:assert/strict";
import { NO_EVIDENCE } from "../../../core/outcome.ts";
import { lostError } from "../../../core/transition.ts";
import { listJobs } from "../../list-jobs.ts";
import type { Store } from "../../store.ts";
import { RECORD_KINDS, type RecordKind, type RecordTypes, recordKey } from "../../transfer.ts";
import {
  type Everything,
  fillWithEverything,
  IDEMPOTENCY,
  LIVE_KEY,
  type LookedUp,
  lookUp,
} from "../everything.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { claim, commit, enqueue, idsOf, newJob, newJobs, succeed } from "../stored-jobs.ts";

async function recordsOf<K extends RecordKind>(store: Store, kind: K, limit = 3): Promise<RecordTypes[K][]> {
  const records: RecordTypes[K][] = [];
  let after: string | null = null;
  for (;;) {
    const page: RecordTypes[K][] = await store.transfer.page(kind, after, limit);
    const last = page.at(-1);
    if (!last) return records;
    assert.ok(page.length <= limit);
    records.push(...page);
    after = recordKey(kind, last);
  }
}

/** How many were new. */
async function copy(from: Store, to: Store): Promise<number> {
  let added = 0;
  for (const kind of RECORD_KINDS) added += await to.transfer.add(kind, await recordsOf(from, kind), NOW);
  return added;
}

/** What another database has to show: a job that ran is queued there, its attempt lost. */
export function asImported(source: LookedUp, running: string): LookedUp {
  const lost = { outcome: "lost", error: lostError("silent"), ...NO_EVIDENCE } as const;
  const attempt = { n: 1, startedAt: NOW, durationMs: 0, ...lost };
  return {
    ...source,
    jobs: source.jobs.map((job) =>
      job.id === running
        ? { ...job, status: "queued", runAt: NOW, error: attempt.error, durationMs: 0, progress: null }
        : job,
    ),
    attempts: { ...source.attempts, [running]: [attempt] },
  };
}

export function transferClaims(states: StoreClaim): void {
  states(
    "what is exported and imported is looked up as before, a running job as queued",
    async (store, opened) => {
      const { running } = await fillWithEverything(store);
      const before = await lookUp(store);
      const other = await opened.empty();
      await copy(store, other);
      assert.deepEqual(await lookUp(store), before, "an export changes nothing");
      assert.deepEqual(await lookUp(other), asImported(before, running));
      for (const kind of RECORD_KINDS)
        assert.deepEqual(await recordsOf(other, kind), await recordsOf(store, kind), kind);
    },
  );

  states(
    "what is imported works on as it would have: keys, groups, retention, claims",
    async (store, opened) => {
      const made = await fillWithEverything(store);
      const other = await opened.empty();
      await copy(store, other);
      await worksOn(other, made);
    },
  );

  states("importing twice makes no duplicates, and changes nothing that is there", async (store, opened) => {
    await fillWithEverything(store);
    const other = await opened.empty();
    const counts = await store.transfer.counts();
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    assert.equal(await copy(store, other), total);
    assert.deepEqual(await other.transfer.counts(), counts);
    const [lease] = await claim(other, { limit: 1 });
    assert.ok(lease);
    await succeed(other, lease);
    const worked = await lookUp(other);
    assert.equal(await copy(store, other), 0);
    assert.deepEqual(await lookUp(other), worked);
  });

  states(
    "an import that fails leaves nothing of its batch, and continues where it stopped",
    async (store, opened) => {
      await enqueue(store, newJobs(5));
      const jobs = await recordsOf(store, "job");
      const other = await opened.empty();
      await other.transfer.add("job", jobs.slice(0, 2), NOW);
      const broken = jobs.map((job, at) =>
        at === 4 ? { ...job, max_attempts: "many" as unknown as number } : job,
      );
      await assert.rejects(other.transfer.add("job", broken, NOW));
      assert.equal((await listJobs(other.records, {}, { limit: 9 })).length, 2);
      assert.equal(await other.transfer.add("job", jobs, NOW), 3);
      assert.equal((await claim(other)).length, 5);
    },
  );

  states("pages come in the order of the keys, and leave off when they grow large", async (store) => {
    const jobs = newJobs(4, { payload: JSON.stringify("x".repeat(3_000_000)) });
    await enqueue(store, jobs);
    const page = await store.transfer.page("job", null, 100);
    assert.deepEqual(idsOf(page), idsOf(jobs.slice(0, 3)));
    const rest = await store.transfer.page("job", page.at(-1)?.id ?? "", 100);
    assert.deepEqual(idsOf(rest), idsOf(jobs.slice(3)));
    assert.deepEqual(await store.transfer.page("job", jobs.at(-1)?.id ?? "", 100), []);
  });

  states(
    "imported jobs are due when they were, and come before those of their lane that are new",
    async (store, opened) => {
      const jobs = [newJob(), newJob({ runAt: NOW + HOUR })];
      await enqueue(store, jobs);
      const other = await opened.empty();
      await other.transfer.add("job", await recordsOf(store, "job"), NOW);
      assert.equal(await other.queue.nextDue(), NOW + HOUR);
      const late = newJob({ createdAt: NOW + SECOND });
      await enqueue(other, [late], NOW + SECOND);
      const claimed = await claim(other, { now: NOW + SECOND });
      assert.deepEqual(idsOf(claimed), idsOf([...jobs.slice(0, 1), late]));
    },
  );
}

async function worksOn(store: Store, { keyed, idempotent, running }: Everything): Promise<void> {
  const again = newJob({ task: LIVE_KEY.task, ties: { key: LIVE_KEY.key } });
  const repeated = { job: newJob(), idempotency: IDEMPOTENCY };
  const mismatch = { job: newJob(), idempotency: { ...IDEMPOTENCY, fingerprint: "other" } };
  const { enqueued } = await commit(store, { enqueues: [{ job: again }, repeated, mismatch] });
  assert.deepEqual(enqueued, [
    { kind: "existing", jobId: keyed },
    { kind: "replayed", jobId: idempotent },
    { kind: "mismatch", jobId: idempotent },
  ]);
  const leases = await claim(store, { now: NOW + SECOND });
  const waited = leases.find(({ id }) => id === running);
  assert.ok(waited, "the job that ran is run again");
  assert.deepEqual([waited.attempts, waited.losses], [2, 1]);
  for (const lease of leases) await succeed(store, lease, NOW + SECOND);
  const group = await store.groups.get("grp_open");
  assert.deepEqual([group?.succeeded, group?.settledAt], [2, NOW + SECOND]);
  assert.deepEqual((await commit(store, { enqueues: [{ job: again }] })).enqueued[0]?.kind, "created");
  assert.equal(await store.retention.pruneExpired(NOW + SECOND + HOUR, 9), 1, "the one kept for an hour");
}
