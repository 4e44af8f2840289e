import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { settledJob } from "./follow-up.ts";
import { JOB_STATUSES, type Tries } from "./job.ts";
import { NO_EVIDENCE, type Outcome } from "./outcome.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { fingerprintOf } from "./thrown/fingerprint.ts";
import {
  afterAttempt,
  afterCancel,
  afterCancelOfRunning,
  afterLoss,
  afterParking,
  afterParkingUnbegun,
  afterRelease,
  afterRerun,
  afterUnparking,
  canCancel,
  canRerun,
  isEnd,
  isSuspect,
  lostError,
  MAX_LOSSES,
  type Next,
  SUSPECT_AFTER,
  type Transition,
} from "./transition.ts";

const POLICY: RetryPolicy = { delaysMs: [1_000, 10_000], jitter: 0 };
const NOW = 1_700_000_000_000;
const MIDDLE = () => 0.5;
const PLACE = { task: "mail.send", lane: "mail" };

/** A leased job before its attempt is over: what came before, and the running one. */
function held(failures = 0, losses = 0, maxAttempts = 3) {
  return {
    attempts: failures + losses + 1,
    failures,
    losses,
    maxAttempts,
    leasedAt: NOW - 20,
    isAlone: false,
    ...PLACE,
  };
}

function ended(job: ReturnType<typeof held>, outcome: Outcome): Transition {
  return afterAttempt(job, NOW - 10, outcome, POLICY, NOW, MIDDLE);
}

const AGAIN: Outcome = { kind: "failed", error: "e", retry: true };
const NEVER: Outcome = { kind: "failed", error: "e", retry: false };

test("what happens to a job after an attempt", () => {
  const cases: [job: ReturnType<typeof held>, outcome: Outcome, next: Next][] = [
    [held(), { kind: "succeeded" }, { status: "succeeded", result: null }],
    [held(2), { kind: "succeeded", result: "{}" }, { status: "succeeded", result: "{}" }],
    [held(0), AGAIN, { status: "queued", runAt: NOW + 1_000 }],
    [held(1), AGAIN, { status: "queued", runAt: NOW + 10_000 }],
    [held(0), { ...AGAIN, retryAfterMs: 60_000 }, { status: "queued", runAt: NOW + 60_000 }],
    [held(2), AGAIN, { status: "failed", error: "e" }],
    [held(2), { ...AGAIN, retryAfterMs: 60_000 }, { status: "failed", error: "e" }],
    [held(0), NEVER, { status: "failed", error: "e" }],
    [held(0), { ...AGAIN, retryInMs: 5 }, { status: "queued", runAt: NOW + 5 }],
    [held(1), { ...AGAIN, retryInMs: 0 }, { status: "queued", runAt: NOW }],
    [held(2), { ...AGAIN, retryInMs: 5 }, { status: "failed", error: "e" }],
    [held(2), { kind: "snoozed", forMs: 7 }, { status: "queued", runAt: NOW + 7 }],
    // lost attempts are not held against the job
    [held(0, 19), AGAIN, { status: "queued", runAt: NOW + 1_000 }],
    [held(0, 0, 1), AGAIN, { status: "failed", error: "e" }],
  ];
  for (const [job, outcome, next] of cases) assert.deepEqual(ended(job, outcome).next, next);
});

test("what is counted and recorded of each way in which an attempt ends", () => {
  const job = held(1, 2);
  const { attempts, failures, losses } = job;
  const startedAt = NOW - 10;
  const nothing = { forgetsStart: false, attempt: undefined };
  const evidence = { code: 503, class: "5xx", excerpt: "busy", fingerprint: "f", detail: "{}" } as const;
  const record = (outcome: string, error: string | null, since = startedAt) => ({
    ...{ n: attempts, outcome, startedAt: since, durationMs: NOW - since, error },
    ...NO_EVIDENCE,
  });
  const at = job.leasedAt;
  const waiting = { attempts, failures, losses, runAt: NOW + 5 };
  const cases: [what: string, transition: Transition, but: object][] = [
    ["succeeded", ended(job, { kind: "succeeded" }), { losses: 0, attempt: record("succeeded", null) }],
    [
      "failed",
      ended(job, AGAIN),
      {
        failures: 2,
        losses: 0,
        attempt: { ...record("failed", "e"), fingerprint: fingerprintOf(PLACE, "e") },
      },
    ],
    [
      "failed, with evidence",
      ended(job, { ...AGAIN, ...evidence }),
      { failures: 2, losses: 0, attempt: { ...record("failed", "e"), ...evidence } },
    ],
    ["snoozed", ended(job, { kind: "snoozed", forMs: 7 }), { attempts: attempts - 1 }],
    [
      "lost",
      afterLoss(job, NOW, "silent"),
      {
        losses: 3,
        attempt: {
          ...record("lost", lostError("silent"), at),
          class: "lost",
          fingerprint: fingerprintOf(PLACE, lostError("silent"), { class: "lost" }),
        },
      },
    ],
    ["given back", afterRelease(job, NOW), { attempts: attempts - 1 }],
    ["given back, its first", afterRelease(held(), NOW), { ...tries(0, 0, 0), forgetsStart: true }],
    ["cancelled while it waits", afterCancel(job), {}],
    [
      "cancelled while it runs",
      afterCancelOfRunning(job, NOW),
      { attempt: record("cancelled", "cancelled by hand", at) },
    ],
    ["redelivered", afterRerun(job, NOW), { failures: 0, losses: 0 }],
    ["parked", afterParking(waiting, "paused"), {}],
    ["parked, unbegun", afterParkingUnbegun(job, "paused", NOW), { attempts: attempts - 1 }],
    ["let out", afterUnparking(waiting), {}],
  ];
  for (const [what, { next: _, ...rest }, but] of cases) {
    assert.deepEqual(rest, { attempts, failures, losses, ...nothing, ...but }, what);
  }
});

function tries(attempts: number, failures: number, losses: number): Tries {
  return { attempts, failures, losses };
}

test("where a job goes when somebody other than its worker moves it", () => {
  const waiting = { ...tries(1, 1, 0), runAt: NOW + 5 };
  const cases: [Transition, Next][] = [
    [afterRelease(held(), NOW), { status: "queued", runAt: NOW }],
    [afterCancel(waiting), { status: "cancelled" }],
    [afterCancelOfRunning(held(), NOW), { status: "cancelled" }],
    [afterRerun(waiting, NOW), { status: "queued", runAt: NOW }],
    [afterParking(waiting, "its endpoint is paused"), parkedFor("its endpoint is paused")],
    [afterParkingUnbegun(held(), "paused", NOW + 5), parkedFor("paused")],
    [afterUnparking(waiting), { status: "queued", runAt: NOW + 5 }],
  ];
  for (const [{ next }, wanted] of cases) assert.deepEqual(next, wanted);
});

function parkedFor(reason: string): Next {
  return { status: "parked", reason, runAt: NOW + 5 };
}

test("a clock set back gives no attempt a negative duration", () => {
  const late = { ...held(), leasedAt: NOW + 60_000 };
  assert.equal(afterLoss(late, NOW, "silent").attempt?.durationMs, 0);
  assert.equal(afterCancelOfRunning(late, NOW).attempt?.durationMs, 0);
  assert.equal(afterAttempt(held(), NOW + 1, AGAIN, POLICY, NOW, MIDDLE).attempt?.durationMs, 0);
});

test("a lost job is queued at once, then after ever longer pauses", () => {
  const pauses = Array.from({ length: MAX_LOSSES }, (_, losses) => {
    const { next } = afterLoss({ ...held(0, losses), isAlone: losses >= SUSPECT_AFTER }, NOW, "ended");
    return next.status === "queued" ? next.runAt - NOW : next.status;
  });
  assert.deepEqual(pauses, [0, 1_000, 5_000, 30_000, 120_000, "failed"]);
});

test("a job is a suspect after three losses in a row, and further ones count only if it ran alone", () => {
  const lose = (losses: number, isAlone: boolean) => afterLoss({ ...held(0, losses), isAlone }, NOW, "ended");
  assert.ok(!isSuspect(lose(1, false)));
  assert.ok(isSuspect(lose(2, false)));
  for (const losses of [3, 4, 5]) {
    assert.equal(lose(losses, false).losses, losses);
    assert.equal(lose(losses, false).next.status, "queued");
    assert.equal(lose(losses, true).losses, losses + 1);
  }
});

test("the record of a loss says what was seen, and blames a job only for what it did alone", () => {
  const last = { ...held(5, MAX_LOSSES - 1), isAlone: true };
  const { attempt, next } = afterLoss(last, NOW, "ended");
  assert.equal(attempt?.error, "its worker's process ended while it held this job and no other");
  assert.deepEqual(next, {
    status: "failed",
    error: `${attempt?.error}, 3 times in a row: it is what ends its workers`,
  });
  const silent = afterLoss(held(), NOW, "silent").attempt?.error ?? "";
  assert.match(silent, /^its worker, which held this job, was silent for longer than its lease/);
  assert.doesNotMatch(silent, /died|ended/);
});

test("lost attempts are counted by a class and a fingerprint of their own", () => {
  const [one, other] = [held(), held(2, 1)].map((job) => afterLoss(job, NOW, "ended").attempt);
  assert.equal(one?.class, "lost");
  assert.match(one?.fingerprint ?? "", /^[0-9a-f]{16}$/);
  assert.equal(other?.fingerprint, one?.fingerprint);
  assert.notEqual(afterLoss(held(), NOW, "silent").attempt?.fingerprint, one?.fingerprint);
  const failed = ended(held(), { kind: "failed", error: one?.error ?? "", retry: true, class: "error" });
  assert.notEqual(failed.attempt?.fingerprint, one?.fingerprint);
});

test("what a follow-up is told of a job's end", () => {
  const job = { id: "job_1", task: "t" };
  const told = (transition: Transition) => (isEnd(transition) ? settledJob(job, transition) : undefined);
  const base = { jobId: "job_1", task: "t", result: null, error: null };
  assert.deepEqual(told(ended(held(1), { kind: "succeeded", result: '{"n":1}' })), {
    ...base,
    status: "succeeded",
    attempts: 2,
    result: { n: 1 },
  });
  assert.deepEqual(told(ended(held(1), NEVER)), { ...base, status: "failed", attempts: 2, error: "e" });
  assert.deepEqual(told(afterCancel(tries(3, 1, 0))), { ...base, status: "cancelled", attempts: 3 });
  assert.equal(told(ended(held(1), AGAIN)), undefined);
  assert.equal(told(afterParking({ ...tries(0, 0, 0), runAt: NOW }, "open")), undefined);
});

test("only failed and cancelled jobs are retried, only queued and running ones cancelled", () => {
  assert.deepEqual(JOB_STATUSES.filter(canRerun), ["failed", "cancelled"]);
  assert.deepEqual(JOB_STATUSES.filter(canCancel), ["queued", "running"]);
});

test("no job is tried again before the pause that the other side asked for is over", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (retryAfterMs) => {
      const job = held(0, 0, 9);
      const { next } = afterAttempt(job, NOW, { ...AGAIN, retryAfterMs }, POLICY, NOW, Math.random);
      assert.ok(next.status === "queued" && next.runAt >= NOW + retryAfterMs);
    }),
  );
});
