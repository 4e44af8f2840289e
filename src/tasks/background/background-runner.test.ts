import assert from "node:assert/strict";
import { test } from "node:test";
import { turns } from "../../../test/support/until.ts";
import { InvalidInputError, OverloadedError, TaskGaveUpError, TaskTimeoutError } from "../../core/errors.ts";
import { discard, retryAt, snooze } from "../outcomes.ts";
import { task } from "../task.ts";
import { testRunner } from "../test-kit/background.ts";
import { BackgroundTasks } from "./background-tasks.ts";

const never = new Promise<never>(() => {});

test("tasks of one request run one after the other, those of several at once", async () => {
  const { runner, request } = testRunner();
  const events: string[] = [];
  const first = Promise.withResolvers<void>();
  request((background) => {
    background.add(async () => {
      events.push("a1 begins");
      await first.promise;
      events.push("a1 ends");
    });
    background.add(() => events.push("a2"));
  });
  request((background) => {
    background.add(() => events.push("b1"));
    background.add(() => events.push("b2"));
  });
  await turns();
  assert.deepEqual(events, ["a1 begins", "b1", "b2"]);
  first.resolve();
  await runner.drain();
  assert.deepEqual(events, ["a1 begins", "b1", "b2", "a1 ends", "a2"]);
});

test("no more run at once than the concurrency says", async () => {
  const { runner, request } = testRunner({ concurrency: 2 });
  const begun: (() => void)[] = [];
  for (let n = 0; n < 5; n++) {
    request((background) => background.add(() => new Promise<void>((resolve) => begun.push(resolve))));
  }
  for (const expected of [2, 3, 4, 5, 5]) {
    await turns();
    assert.equal(begun.length, expected);
    assert.ok(runner.counts.running <= 2);
    begun[expected - 2]?.();
  }
  for (const end of begun) end();
  assert.deepEqual(await runner.drain(), { dropped: 0, running: 0 });
  assert.equal(runner.counts.succeeded, 5);
});

test("requests take turns: one that added many does not hold up the next", async () => {
  const { runner, request } = testRunner({ concurrency: 1 });
  const ran: string[] = [];
  request((background) => {
    for (let n = 0; n < 3; n++) background.add(() => ran.push("many"));
  });
  request((background) => background.add(() => ran.push("one")));
  await runner.drain();
  assert.deepEqual(ran, ["many", "one", "many", "many"]);
});

test("a task that asks to be discarded or run again has failed, and is told why", async () => {
  const { runner, request, failures } = testRunner();
  request((background) => {
    background.add(task("gone", { run: () => discard("the order was deleted") }));
    background.add(task("later", { run: async () => retryAt("1m", "the service is busy") }));
    background.add(task("early", { run: () => snooze("1m") }));
  });
  await runner.drain();
  assert.ok(failures.every(({ error }) => error instanceof TaskGaveUpError));
  assert.deepEqual(
    failures.map(({ task, error }) => [task, (error as Error).message]),
    [
      ["gone", "the order was deleted"],
      [
        "later",
        "it asked to run again, but a best-effort task runs only once; enqueue it instead: the service is busy",
      ],
      ["early", "it asked to run again, but a best-effort task runs only once; enqueue it instead"],
    ],
  );
});

test("without onError a failure is a line in the log, with the task's name", async () => {
  const { runner, request, logged } = testRunner({ onError: undefined } as object);
  const error = new Error("no luck");
  request((background) => {
    background.add(function notify() {
      throw error;
    });
    background.add(() => Promise.reject(undefined));
  });
  await runner.drain();
  assert.deepEqual(logged[0], {
    fields: { err: error, task: "notify" },
    message: "a best-effort task failed",
  });
  assert.equal(logged.length, 2);
  assert.equal(runner.counts.failed, 2);
});

test("an onError that fails itself is logged, and stops nothing", async () => {
  const outcomes = [
    () => {
      throw new Error("reporting failed");
    },
    async () => {
      throw new Error("reporting failed");
    },
  ];
  for (const onError of outcomes) {
    const { runner, request, logged } = testRunner({ onError });
    let ran = false;
    request((background) => {
      background.add(() => Promise.reject(new Error("no luck")));
      background.add(() => {
        ran = true;
      });
    });
    await runner.drain();
    await turns();
    assert.ok(ran);
    assert.deepEqual(
      logged.map(({ message }) => message),
      ["onError failed itself"],
    );
  }
});

test("a task past its timeout is told to stop and reported, once", async () => {
  const { clock, runner, request, failures } = testRunner();
  const reasons: unknown[] = [];
  const slow = task("slow", {
    timeout: "2s",
    run: (_input, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        }),
      ),
  });
  request((background) => background.add(slow));
  await turns();
  clock.advance(1_999);
  assert.equal(reasons.length, 0);
  clock.advance(1);
  await runner.drain();
  const [reason] = reasons;
  assert.ok(reason instanceof TaskTimeoutError);
  assert.deepEqual(failures, [{ task: "slow", error: reason }]);
  assert.match(reason.message, /2000 ms/);
  assert.deepEqual(runner.counts, { queued: 0, running: 0, succeeded: 0, failed: 1, refused: 0, dropped: 0 });
});

test("a handler that ignores its signal keeps its slot, but not the next in its line", async () => {
  const { clock, runner, request, failures } = testRunner({ concurrency: 2, timeout: "5s" });
  const end = Promise.withResolvers<void>();
  const ran: string[] = [];
  request((background) => {
    background.add(function stubborn() {
      return end.promise;
    });
    background.add(() => ran.push("the next"));
  });
  await turns();
  clock.advance(5_000);
  await turns();
  assert.deepEqual(ran, [], "the handler is given a moment to obey");
  clock.advance(1_000);
  await turns();
  assert.deepEqual(ran, ["the next"]);
  assert.equal(runner.counts.running, 1);
  end.resolve();
  await runner.drain();
  assert.deepEqual(
    failures.map(({ task }) => task),
    ["stubborn"],
  );
});

test("a signal asked for only after the timeout is aborted already", async () => {
  const { clock, runner, request } = testRunner();
  const timeIsUp = Promise.withResolvers<void>();
  let aborted: boolean | undefined;
  const late = task("late", {
    timeout: "1s",
    async run(_input, context) {
      await timeIsUp.promise;
      aborted = context.signal.aborted;
    },
  });
  request((background) => background.add(late));
  await turns();
  clock.advance(1_000);
  timeIsUp.resolve();
  await runner.drain();
  assert.equal(aborted, true);
});

test("many synchronous tasks leave the event loop its turns", async () => {
  const { runner, request } = testRunner();
  let turnsTaken = 0;
  let isDone = false;
  const spin = () => {
    turnsTaken++;
    if (!isDone) setImmediate(spin);
  };
  request((background) => {
    for (let n = 0; n < 20; n++) {
      background.add(() => {
        const until = performance.now() + 6;
        while (performance.now() < until);
      });
    }
  });
  spin();
  await runner.drain();
  isDone = true;
  assert.ok(turnsTaken >= 10, `${turnsTaken} turns`);
});

test("draining waits for all that was added, even what is not released yet, and then takes nothing more", async () => {
  const { runner, request } = testRunner();
  const ran: string[] = [];
  const inFlight = new BackgroundTasks(runner);
  inFlight.add(() => ran.push("of a request in flight"));
  request((background) => background.add(async () => void ran.push("released")));
  const drained = runner.drain("1m");
  await turns();
  assert.deepEqual(ran, ["released"]);
  inFlight.release();
  assert.deepEqual(await drained, { dropped: 0, running: 0 });
  assert.deepEqual(ran, ["released", "of a request in flight"]);
  assert.throws(() => inFlight.add(() => {}), OverloadedError);
  assert.equal(runner.drain(), drained);
});

test("when the drain's time is up, what has not started is dropped, and what runs is told to stop", async () => {
  const { clock, runner, request, logged } = testRunner({ concurrency: 1 });
  let reason: unknown;
  const stubborn = task("stubborn", {
    run(_input, { signal }) {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
      });
      return never;
    },
  });
  const dropped = () => assert.fail("it ran");
  request((background) => {
    background.add(stubborn);
    background.add(dropped);
  });
  request((background) => background.add(dropped));
  const collected = new BackgroundTasks(runner);
  collected.add(dropped);
  const parked = new BackgroundTasks(runner);
  parked.add(dropped);
  parked.park();

  const drained = runner.drain("10s");
  await turns();
  clock.advance(10_000);
  assert.deepEqual(await drained, { dropped: 3, running: 1 });
  assert.match(String(reason), /stopping/);
  assert.deepEqual(logged, [
    { fields: { dropped: 3 }, message: "best-effort tasks were dropped: the process is stopping" },
  ]);
  collected.discard();
  parked.release();
  await turns();
  assert.deepEqual(runner.counts, { queued: 0, running: 1, succeeded: 0, failed: 0, refused: 0, dropped: 4 });
});

test("invalid options are refused by name", () => {
  for (const [name, value] of [
    ["concurency", 8],
    ["concurrency", 0],
    ["concurrency", 1.5],
    ["maxQueued", -1],
    ["timeout", "soon"],
    ["timeout", 0],
  ] as const) {
    assert.throws(
      () => testRunner({ [name]: value }),
      (error) => error instanceof InvalidInputError && error.problems[0]?.path[0] === name,
    );
  }
});

test("a handler whose answer cannot even be looked at fails like any other", async () => {
  const { runner, request, failures } = testRunner();
  const broken = new Proxy(
    {},
    {
      has() {
        throw new Error("do not look");
      },
    },
  );
  request((background) => background.add(() => broken));
  await runner.drain();
  assert.match(String(failures[0]?.error), /do not look/);
});
