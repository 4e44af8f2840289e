import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../test/support/until.ts";
import { OverloadedError, StoreUnavailableError } from "../../core/errors.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import type { Batch, Committed } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import { newJob, type SetUpOptions, setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";
import { MAX_WAITING_BYTES, MAX_WAITING_JOBS } from "./arrivals.ts";

/** Notes the commits of a real store, and stands in their way as the test likes. */
class Gate {
  readonly commits: Batch[] = [];
  /** Asked before each commit; what it throws is what the database answers. */
  refuse: (batch: Batch) => void = () => {};
  /** Commits wait for it. */
  open: Promise<void> = Promise.resolve();

  readonly between: NonNullable<SetUpOptions["between"]> = (store: Store) =>
    overlaid(store, {
      queue: {
        commit: async (batch): Promise<Committed> => {
          this.commits.push(batch);
          await this.open;
          this.refuse(batch);
          return store.queue.commit(batch);
        },
      },
    });

  /** How many were enqueued and settled by each commit. */
  get sizes(): string[] {
    return this.commits.map(
      ({ enqueues, settlements, claim }) =>
        `${enqueues.length}+${settlements.length}${claim ? (claim.newOnly ? "+new only" : "+claim") : ""}`,
    );
  }
}

const LOCKED = new StoreUnavailableError("the database is locked");
function locked(): void {
  throw LOCKED;
}

/** Each answer as it comes: what happened to it. */
function outcomeOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => "accepted",
    (error) => error,
  );
}

test("all that is asked in one turn is one transaction, the claim included", async (context) => {
  const gate = new Gate();
  const { accept, task } = await setUp(context, { between: gate.between, concurrency: 8 });
  await quiet();
  gate.commits.length = 0;
  await accept(3);
  assert.deepEqual(gate.sizes, ["3+0+claim"]);
  task.endAll();
  await accept(2);
  assert.equal(gate.sizes[1], "2+3+claim");
  assert.equal(task.open.size, 2);
});

test("callers are answered after the commit, not before it", async (context) => {
  const gate = new Gate();
  const { engine, clock } = await setUp(context, { between: gate.between, start: false });
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  let answered = 0;
  const asked = [1, 2].map(() => engine.intake.accept(newJob(clock.now())).then(() => answered++));
  await quiet();
  assert.deepEqual(gate.sizes, ["2+0"]);
  assert.equal(answered, 0);
  resolve();
  await Promise.all(asked);
});

test("what is asked during a commit goes into the next one", async (context) => {
  const gate = new Gate();
  const { engine, clock } = await setUp(context, { between: gate.between, start: false });
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  const first = engine.intake.accept(newJob(clock.now()));
  await quiet();
  const more = [1, 2].map(() => engine.intake.accept(newJob(clock.now())));
  await quiet();
  resolve();
  await Promise.all([first, ...more]);
  assert.deepEqual(gate.sizes, ["1+0", "2+0"]);
});

test("a wake during a commit is not lost: the worker looks again after it", async (context) => {
  const gate = new Gate();
  const { engine } = await setUp(context, { between: gate.between });
  await quiet();
  gate.commits.length = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  engine.wake();
  await quiet();
  engine.wake();
  resolve();
  await quiet();
  assert.deepEqual(gate.sizes, ["0+0+claim", "0+0+claim"]);
});

test("an idle worker commits nothing", async (context) => {
  const gate = new Gate();
  const { pass, task, acceptOne } = await setUp(context, { between: gate.between });
  await acceptOne();
  task.endAll();
  await quiet();
  gate.commits.length = 0;
  await pass(600_000);
  assert.deepEqual(gate.sizes, []);
});

test("while the database is unavailable enqueues are refused with its error, and results kept", async (context) => {
  const gate = new Gate();
  const at = await setUp(context, { between: gate.between });
  const done = await at.acceptOne();
  gate.refuse = locked;
  at.task.endAll();
  const refused = newJob(at.clock.now());
  assert.equal(await outcomeOf(at.engine.intake.accept(refused)), LOCKED);
  await quiet();
  assert.equal((await at.look(done)).status, "running");
  assert.equal(await at.store.records.get(refused.id), undefined);
  for (let tries = 0; tries < 3; tries++) await at.pass(500);
  assert.equal((await at.look(done)).status, "running");

  gate.refuse = () => {};
  await at.pass(500);
  assert.equal((await at.look(done)).status, "succeeded");
  assert.deepEqual(await at.outcomes(done), ["succeeded"]);
});

test("an outage is tried twice a second, however much was asked during it", async (context) => {
  const gate = new Gate();
  const at = await setUp(context, { between: gate.between });
  await at.accept(5);
  gate.refuse = locked;
  at.task.endAll();
  for (let asked = 0; asked < 10; asked++) {
    await outcomeOf(at.engine.intake.accept(newJob(at.clock.now())));
    await at.pass(100);
  }
  gate.commits.length = 0;
  for (let tenths = 0; tenths < 50; tenths++) await at.pass(100);
  assert.equal(gate.commits.length, 10);
});

test("results are recorded after an outage although the clock was set back during it", async (context) => {
  const gate = new Gate();
  let setBackMs = 0;
  const at = await setUp(context, { between: gate.between });
  const now = at.clock.now.bind(at.clock);
  at.clock.now = () => now() - setBackMs;
  const id = await at.acceptOne();
  gate.refuse = locked;
  at.task.endAll();
  await quiet();
  setBackMs = 3_600_000;
  gate.refuse = () => {};
  await at.pass(500);
  assert.equal((await at.look(id)).status, "succeeded");
});

test("one enqueue that cannot be written does not take its neighbours down", async (context) => {
  const gate = new Gate();
  const at = await setUp(context, { between: gate.between });
  const taken = await at.acceptOne();
  at.task.endAll();
  const jobs = [newJob(at.clock.now()), newJob(at.clock.now(), { id: taken }), newJob(at.clock.now())];
  const [first, second, third] = await Promise.all(
    jobs.map((job) => outcomeOf(at.engine.intake.accept(job))),
  );
  await quiet();
  assert.deepEqual([first, third], ["accepted", "accepted"]);
  assert.match(String(second), /UNIQUE constraint failed/);
  assert.equal((await at.look(taken)).status, "succeeded", "nor a result next to it");
  assert.equal(at.task.open.size, 2, "nor the claim");
});

test("one result that cannot be written does not take its neighbours down", async (context) => {
  const at = await setUp(context);
  const [bad = "", good = ""] = await at.accept(2);
  at.task.at(0).end({ kind: "succeeded", code: 0.5 });
  at.task.at(1).end();
  await quiet();
  assert.deepEqual([(await at.look(bad)).status, (await at.look(good)).status], ["queued", "succeeded"]);
});

test("a database that is too full for new jobs still takes results and gives work out", async (context) => {
  const gate = new Gate();
  const at = await setUp(context, { between: gate.between, concurrency: 2 });
  const ids = await at.accept(8);
  gate.refuse = ({ enqueues }) => {
    if (enqueues.length > 0) throw LOCKED;
  };
  // so many ask for more that no commit is without one of them
  let isAsking = true;
  const asking = (async () => {
    while (isAsking) assert.equal(await outcomeOf(at.engine.intake.accept(newJob(at.clock.now()))), LOCKED);
  })();
  for (let round = 0; round < 20; round++) {
    at.task.endAll();
    await quiet();
  }
  isAsking = false;
  await asking;
  assert.deepEqual(await at.statuses(ids), { succeeded: 8 });
});

test("claims go on after one has failed", async (context) => {
  const gate = new Gate();
  const at = await setUp(context, { between: gate.between, start: false });
  const id = await at.acceptOne();
  gate.refuse = () => {
    throw new Error("out of luck");
  };
  await at.engine.start();
  await quiet();
  assert.equal(at.task.runs.length, 0);
  gate.refuse = () => {};
  await at.pass(500);
  assert.equal(at.task.at(0).job.id, id);
});

test("too many waiting enqueues are refused, with a time to come back", async (context) => {
  const gate = new Gate();
  const { engine, clock } = await setUp(context, { between: gate.between, start: false });
  const asked = Array.from({ length: MAX_WAITING_JOBS }, () => engine.intake.accept(newJob(clock.now())));
  await assert.rejects(engine.intake.accept(newJob(clock.now())), OverloadedError);
  await Promise.all(asked);
  assert.equal(gate.commits.length, MAX_WAITING_JOBS / 1_000, "no commit takes more than a thousand");
  await engine.intake.accept(newJob(clock.now()));
});

test("so are too many that wait", async (context) => {
  const { engine, clock } = await setUp(context, { start: false });
  const payload = "x".repeat(MAX_WAITING_BYTES);
  const large = engine.intake.accept(newJob(clock.now(), { payload }));
  await assert.rejects(engine.intake.accept(newJob(clock.now())), OverloadedError);
  await large;
  await engine.intake.accept(newJob(clock.now()));
});

test("where two commits may be under way, one of them claims what is ready, and the other only its own new jobs", async (context) => {
  const gate = new Gate();
  const { engine, clock, task } = await setUp(context, {
    between: (store, at) => overlaid(gate.between(store, at), { commitsAtOnce: 2 }),
    concurrency: 8,
  });
  await quiet();
  gate.commits.length = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  const first = engine.intake.accept(newJob(clock.now(), { lane: "one" }));
  await quiet();
  const second = engine.intake.accept(newJob(clock.now(), { lane: "two" }));
  await quiet();
  const third = engine.intake.accept(newJob(clock.now(), { lane: "three" }));
  await quiet();
  assert.deepEqual(gate.sizes, ["1+0+claim", "1+0+new only"]);
  resolve();
  await Promise.all([first, second, third]);
  await quiet();
  assert.equal(task.open.size, 3);
  assert.deepEqual(gate.sizes, ["1+0+claim", "1+0+new only", "1+0+claim"], "nothing was missed");
  task.endAll();
  await quiet();
});

test("what the other commit left ready, for want of room, is claimed after the claim under way", async (context) => {
  const gate = new Gate();
  const { engine, clock, task } = await setUp(context, {
    between: (store, at) => overlaid(gate.between(store, at), { commitsAtOnce: 2 }),
    concurrency: 4,
  });
  await quiet();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  const accepted = [engine.intake.accept(newJob(clock.now(), { lane: "one" }))];
  await quiet();
  for (const lane of ["two", "three", "four"])
    accepted.push(engine.intake.accept(newJob(clock.now(), { lane })));
  await quiet();
  resolve();
  await Promise.all(accepted);
  await quiet();
  assert.equal(task.open.size, 4);
  task.endAll();
  await quiet();
});

test("a result that nobody needs at once shares the commit of the next job", async (context) => {
  const gate = new Gate();
  const at = await setUp(context, { between: gate.between, concurrency: 8, resultsWaitMs: 60_000 });
  const first = await at.acceptOne();
  gate.commits.length = 0;
  at.task.endAll();
  await quiet();
  assert.deepEqual(gate.sizes, []);
  await at.acceptOne();
  assert.deepEqual(gate.sizes, ["1+1+claim"]);
  assert.equal((await at.look(first)).status, "succeeded");
  at.task.endAll();
  await at.engine.stop(0); // does not wait for company
  assert.deepEqual(gate.sizes.slice(0, 2), ["1+1+claim", "0+1"]);
});

test("a result that has waited in vain is written alone", async (context) => {
  const at = await setUp(context, { concurrency: 8, resultsWaitMs: 1 });
  const id = await at.acceptOne();
  at.task.endAll();
  await until("it is recorded", async () => (await at.look(id)).status === "succeeded");
});

test("a result does not wait while a job waits for its slot", async (context) => {
  const at = await setUp(context, { concurrency: 8, resultsWaitMs: 60_000 });
  const ids = await at.accept(9, { lane: "one" });
  assert.ok(at.task.open.size < 9, "the lane has no room for all of them");
  for (let round = 0; round < 9; round++) {
    at.task.endAll();
    await quiet();
  }
  assert.equal((await at.statuses(ids)).queued, undefined);
  assert.equal(at.task.runs.length, 9);
  await at.engine.stop(0);
  assert.deepEqual(await at.statuses(ids), { succeeded: 9 });
});

test("what a claim was told that it passed over is claimed at once", async (context) => {
  let isBlind = false;
  const at = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        queue: {
          commit: async (batch): Promise<Committed> => {
            if (!isBlind) return store.queue.commit(batch);
            isBlind = false;
            return { ...(await store.queue.commit({ ...batch, claim: undefined })), passedOver: true };
          },
        },
      }),
  });
  await quiet();
  isBlind = true;
  await at.acceptOne();
  await quiet();
  assert.equal(at.task.open.size, 1);
});

test("jobs that a commit without a claim made ready are claimed after it, even if a concurrent claim had ended before", async (context) => {
  const gates: PromiseWithResolvers<void>[] = [];
  let isGated = false;
  const { engine, clock, task } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        commitsAtOnce: 2,
        queue: {
          commit: async (batch): Promise<Committed> => {
            if (!isGated || batch.enqueues.length === 0) return store.queue.commit(batch);
            const gate = Promise.withResolvers<void>();
            gates.push(gate);
            await gate.promise;
            return store.queue.commit(batch);
          },
        },
      }),
    concurrency: 8,
  });
  await quiet();
  isGated = true;
  const first = engine.intake.accept(newJob(clock.now(), { lane: "one" }));
  await quiet();
  const second = engine.intake.accept(newJob(clock.now(), { lane: "two" }));
  await quiet();
  gates[0]?.resolve();
  await first;
  await quiet();
  gates[1]?.resolve();
  await second;
  await quiet();
  assert.equal(task.open.size, 2);
});
