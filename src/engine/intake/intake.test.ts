import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { DuplicateKeyError, InvalidInputError, KeyReusedError, OverloadedError } from "../../core/errors.ts";
import { listJobs } from "../../store/list-jobs.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import type { Batch, Committed } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import { newJob, type SetUpOptions, setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";
import { MAX_WAITING_BYTES, MAX_WAITING_JOBS } from "./arrivals.ts";

const DAY_MS = 86_400_000;
const IDEMPOTENCY = { scope: "caller", key: "k1", fingerprint: "f1" };
const OTHER = { ...IDEMPOTENCY, fingerprint: "f2" };
const AFTER = { task: "after", lane: "after", priority: 0, options: "{}", maxAttempts: 1 };

/** An intake of an engine that does not work, on a real store; keys are remembered for a day. */
async function intakeOf(context: TestContext, options: SetUpOptions = {}) {
  const { engine, clock, store } = await setUp(context, { start: false, ...options });
  const jobs = (count: number, fields = {}) =>
    Array.from({ length: count }, () => newJob(clock.now(), fields));
  const kept = async () => (await listJobs(store.records, {}, { limit: 100 })).length;
  return {
    engine,
    clock,
    store,
    intake: engine.intake,
    job: (fields = {}) => newJob(clock.now(), fields),
    jobs,
    kept,
  };
}

test("a job without an idempotency key is accepted each time", async (context) => {
  const { intake, job, kept } = await intakeOf(context);
  const accepted = job();
  assert.deepEqual(await intake.accept(accepted), { jobId: accepted.id, replayed: false, existing: false });
  await intake.accept(job());
  assert.equal(await kept(), 2);
});

test("a repeated request gets the first answer, marked as such, for as long as keys are remembered", async (context) => {
  const { intake, job, clock, kept } = await intakeOf(context);
  const { jobId } = await intake.accept(job(), IDEMPOTENCY);
  clock.advance(DAY_MS - 1);
  assert.deepEqual(await intake.accept(job(), IDEMPOTENCY), { jobId, replayed: true, existing: false });
  clock.advance(1);
  assert.equal((await intake.accept(job(), IDEMPOTENCY)).replayed, false);
  assert.equal(await kept(), 2);
});

test("where duplicates are rejected, a repeated request is refused, even one of several jobs", async (context) => {
  const idempotency = { keyRetentionMs: DAY_MS, duplicateKeys: "reject" } as const;
  const { intake, job, jobs, kept } = await intakeOf(context, { idempotency });
  await intake.accept(job(), IDEMPOTENCY);
  await assert.rejects(intake.accept(job(), IDEMPOTENCY), DuplicateKeyError);
  const several = () => intake.submit({ jobs: jobs(2), idempotency: { ...IDEMPOTENCY, key: "k2" } });
  await several();
  await assert.rejects(several(), DuplicateKeyError);
  assert.equal(await kept(), 3);
});

test("another request with the key is refused", async (context) => {
  const { intake, job, jobs, kept } = await intakeOf(context);
  await intake.accept(job(), IDEMPOTENCY);
  await assert.rejects(intake.accept(job(), OTHER), KeyReusedError);
  await assert.rejects(intake.submit({ jobs: jobs(2), idempotency: OTHER }), KeyReusedError);
  assert.equal(await kept(), 1);
});

test("a live job with the same key of the task's own is given instead", async (context) => {
  const { intake, job } = await intakeOf(context);
  const { jobId } = await intake.accept(job({ ties: { key: "live" } }));
  const again = await intake.accept(job({ ties: { key: "live" } }));
  assert.deepEqual(again, { jobId, replayed: false, existing: true });
});

test("several jobs are repeated as one: same jobs, same group, nothing made twice", async (context) => {
  const { intake, jobs, store, kept } = await intakeOf(context);
  const ask = (groupId: string) => {
    const groups = [{ id: groupId, onSettled: AFTER }];
    return intake.submit({ jobs: jobs(3, { ties: { groupId } }), groups, idempotency: IDEMPOTENCY });
  };
  const first = await ask("grp_first");
  const [second, third] = await Promise.all([ask("grp_second"), ask("grp_third")]);
  assert.deepEqual(first.groupIds, ["grp_first"]);
  for (const repeated of [second, third])
    assert.deepEqual(
      [repeated?.jobIds, repeated?.groupIds, repeated?.replayed],
      [first.jobIds, first.groupIds, true],
    );
  assert.equal(await kept(), 3);
  assert.equal((await store.groups.get("grp_first"))?.total, 3);
  assert.equal(await store.groups.get("grp_second"), undefined);
});

test("nothing remains of a submission that fails, neither its jobs and group nor the use of its key", async (context) => {
  const { intake, job, jobs, store, kept } = await intakeOf(context);
  const taken = job();
  await intake.accept(taken);
  const groups = [{ id: "grp_a", onSettled: AFTER }];
  const failing = intake.submit({
    jobs: [...jobs(2), job({ id: taken.id })],
    groups,
    idempotency: IDEMPOTENCY,
  });
  const next = intake.submit({ jobs: jobs(2) });
  await assert.rejects(failing, /UNIQUE constraint failed/);
  assert.equal((await next).jobIds.length, 2, "nor does it take its neighbour down");
  assert.equal(await kept(), 3);
  assert.equal(await store.groups.get("grp_a"), undefined);
  assert.equal((await intake.submit({ jobs: jobs(1), idempotency: IDEMPOTENCY })).replayed, false);
});

/** Notes the commits of a real store, which wait for `open`. */
class Gate {
  readonly commits: Batch[] = [];
  open: Promise<void> = Promise.resolve();

  readonly between = (store: Store) =>
    overlaid(store, {
      queue: {
        commit: async (batch): Promise<Committed> => {
          this.commits.push(batch);
          await this.open;
          return store.queue.commit(batch);
        },
      },
    });

  get sizes(): number[] {
    return this.commits.map(({ enqueues, submissions = [] }) =>
      submissions.reduce((sum, { jobs }) => sum + jobs.length, enqueues.length),
    );
  }
}

test("a submission is counted by its jobs, and by their bytes: no more wait than are allowed", async (context) => {
  const gate = new Gate();
  const { intake, job, jobs } = await intakeOf(context, { between: gate.between });
  const half = MAX_WAITING_JOBS / 2;
  const waiting = [intake.submit({ jobs: jobs(half) }), intake.submit({ jobs: jobs(half - 1) })];
  await assert.rejects(intake.submit({ jobs: jobs(2) }), OverloadedError);
  waiting.push(intake.submit({ jobs: jobs(1) }));
  await assert.rejects(intake.accept(job()), OverloadedError);
  await Promise.all(waiting);
  const payload = "x".repeat(MAX_WAITING_BYTES / 2);
  const large = [intake.submit({ jobs: jobs(1, { payload }) }), intake.accept(job({ payload }))];
  await assert.rejects(intake.submit({ jobs: jobs(1) }), OverloadedError);
  await Promise.all(large);
  await intake.accept(job());
});

test("the largest submission is one commit by itself, and what came before and after it goes before and after", async (context) => {
  const gate = new Gate();
  const { intake, job, jobs } = await intakeOf(context, { between: gate.between });
  const before = Array.from({ length: 3 }, () => intake.accept(job()));
  const largest = intake.submit({ jobs: jobs(MAX_WAITING_JOBS - 6) });
  const after = Array.from({ length: 3 }, () => intake.accept(job()));
  assert.equal((await largest).jobIds.length, MAX_WAITING_JOBS - 6);
  await Promise.all([...before, ...after]);
  assert.deepEqual(gate.sizes, [3, MAX_WAITING_JOBS - 6, 3]);
});

test("submissions share commits up to a thousand jobs", async (context) => {
  const gate = new Gate();
  const { intake, jobs } = await intakeOf(context, { between: gate.between });
  await Promise.all(Array.from({ length: 5 }, () => intake.submit({ jobs: jobs(400) })));
  assert.deepEqual(gate.sizes, [800, 800, 400]);
});

test("more than may ever wait is refused as such, not as an overload that would pass", async (context) => {
  const { intake, jobs, kept } = await intakeOf(context);
  await assert.rejects(intake.submit({ jobs: jobs(MAX_WAITING_JOBS + 1) }), InvalidInputError);
  const payload = "x".repeat(MAX_WAITING_BYTES / 2 + 1);
  await assert.rejects(intake.submit({ jobs: jobs(2, { payload }) }), InvalidInputError);
  assert.equal(await kept(), 0);
});

test("a stop waits for submissions that are being written, and refuses later ones", async (context) => {
  const gate = new Gate();
  const { engine, intake, jobs, job, kept } = await intakeOf(context, { between: gate.between });
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  const submitted = intake.submit({ jobs: jobs(3) });
  await quiet();
  let isStopped = false;
  const stopping = engine.stop(0).then(() => {
    isStopped = true;
  });
  await quiet();
  assert.equal(isStopped, false);
  await assert.rejects(intake.submit({ jobs: jobs(1) }), OverloadedError);
  await assert.rejects(intake.accept(job(), undefined, {}), OverloadedError);
  resolve();
  await stopping;
  assert.equal((await submitted).jobIds.length, 3);
  assert.equal(await kept(), 3);
});

test("a submission of nothing asks nothing of the database", async (context) => {
  const gate = new Gate();
  const { intake } = await intakeOf(context, { between: gate.between });
  assert.deepEqual((await intake.submit({ jobs: [] })).jobIds, []);
  assert.deepEqual(gate.commits, []);
});
