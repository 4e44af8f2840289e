import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError } from "../../core/errors.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import type { Event } from "../../store/shelves/events.ts";
import { jobsOf, newEvent } from "../../store/test-kit/shelves/event-claims.ts";
import { setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";

const COUNT = 100;

/** An engine that has accepted an event with its jobs, and how often it has fetched the event. */
async function setUpWith(t: TestContext, event: Event, count: number) {
  const fetched: string[] = [];
  const together: (readonly string[])[] = [];
  let isDown = false;
  const at = await setUp(t, {
    start: false,
    concurrency: 10,
    between: (store) =>
      overlaid(store, {
        events: {
          get: async (id) => {
            fetched.push(id);
            if (isDown) throw new StoreUnavailableError("it is down");
            return store.events.get(id);
          },
          getSmall: async (ids, mostBytes) => {
            together.push(ids);
            if (isDown) throw new StoreUnavailableError("it is down");
            return store.events.getSmall(ids, mostBytes);
          },
        },
      }),
  });
  const now = at.clock.now();
  const enqueues = jobsOf(event, count).map(({ job }, n) => ({
    job: { ...job, task: "controlled", lane: `lane ${n}`, runAt: now, createdAt: now },
  }));
  await at.engine.intake.submit({ event, jobs: enqueues.map(({ job }) => job) });
  const down = (is: boolean) => {
    isDown = is;
  };
  const jobIds = enqueues.map(({ job }) => job.id);
  return { ...at, fetched, together, jobIds, down };
}

test("a hundred jobs of one event fetch it once, and each is given its bytes", async (t) => {
  const event = newEvent();
  const { engine, task, fetched, jobIds, statuses } = await setUpWith(t, event, COUNT);
  await engine.start();
  await quiet();
  while (task.open.size > 0) {
    const [last, ...others] = [...task.open];
    for (const run of others) run.end(); // one of them is in hand until the end
    if (others.length === 0) last?.end();
    await quiet();
  }
  assert.deepEqual(await statuses(jobIds), { succeeded: COUNT });
  assert.deepEqual(fetched, [event.id]);
  for (const { context } of task.runs)
    assert.deepEqual(Uint8Array.from(context.event?.payload ?? []), event.payload);
});

test("an event is fetched again once none of its jobs is in hand any more", async (t) => {
  const event = newEvent();
  const { engine, task, fetched, acceptOne } = await setUpWith(t, event, 1);
  await engine.start();
  await quiet();
  task.endAll();
  await quiet();
  await acceptOne({ origin: { event: event.id } });
  assert.deepEqual(fetched, [event.id, event.id]);
});

test("a job whose event was erased, or is gone, fails permanently with a sentence", async (t) => {
  const event = newEvent();
  const { engine, real, task, look, jobIds, acceptOne } = await setUpWith(t, event, 1);
  await real.events.erase(event.id);
  await engine.start();
  await quiet();
  const erased = await look(jobIds[0] ?? "");
  assert.deepEqual([erased.status, erased.attempts], ["failed", 1]);
  assert.match(erased.error ?? "", /the payload of its event msg_\w+ was erased/);
  const gone = await look(await acceptOne({ origin: { event: newEvent().id } }));
  assert.equal(gone.status, "failed");
  assert.match(gone.error ?? "", /its event msg_\w+ is no longer in the database/);
  assert.equal(task.runs.length, 0);
});

test("an event that cannot be fetched now fails the attempt, and is fetched again later", async (t) => {
  const { engine, task, fetched, look, jobIds, down, pass } = await setUpWith(t, newEvent(), 1);
  down(true);
  await engine.start();
  await quiet();
  const [id = ""] = jobIds;
  const waiting = await look(id);
  assert.deepEqual([waiting.status, waiting.error], ["queued", "it is down"]);
  down(false);
  await pass(60_000);
  task.endAll();
  await quiet();
  assert.equal((await look(id)).status, "succeeded");
  assert.equal(fetched.length, 2);
});

test("the events of one claim are fetched together, large ones separately", async (t) => {
  const { engine, task, clock, fetched, together, statuses, jobIds } = await setUpWith(t, newEvent(), 0);
  const now = clock.now();
  const events = [100, 200, 20_000].map((bytes) => ({ ...newEvent(), payload: Buffer.alloc(bytes, "x") }));
  for (const event of events) {
    const [enqueue] = jobsOf(event, 1);
    if (!enqueue) throw new Error("no job was made");
    const job = { ...enqueue.job, task: "controlled", lane: event.id, runAt: now, createdAt: now };
    jobIds.push(job.id);
    await engine.intake.submit({ event, jobs: [job] });
  }
  await engine.start();
  await quiet();
  task.endAll();
  await quiet();
  assert.deepEqual(await statuses(jobIds), { succeeded: events.length });
  assert.deepEqual(
    together.map((ids) => [...ids].sort()),
    [events.map(({ id }) => id).sort()],
  );
  assert.deepEqual(fetched, [events[2]?.id]);
  assert.deepEqual(
    task.runs.map(({ context }) => context.event?.payload.length).sort((a = 0, b = 0) => a - b),
    [100, 200, 20_000],
  );
});
