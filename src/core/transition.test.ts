import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JOB_STATUSES, type JobStatus, type Tries } from "./job.ts";
import type { Outcome } from "./outcome.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { afterAttempt, afterLoss, canCancel, canRetry, MAX_LOSSES, type Next } from "./transition.ts";

const POLICY: RetryPolicy = { delaysMs: [1_000, 10_000], jitter: 0 };
const NOW = 1_700_000_000_000;
const MIDDLE = () => 0.5;

function tries(failures = 0, losses = 0): Tries {
  return { attempts: failures + losses, failures, losses };
}

test("what becomes of a job after an attempt", () => {
  const again: Outcome = { kind: "failed", error: "e", retry: true };
  const never: Outcome = { kind: "failed", error: "e", retry: false };
  const cases: [before: Tries, outcome: Outcome, next: Next][] = [
    [tries(), { kind: "succeeded" }, { status: "succeeded", result: null }],
    [tries(2), { kind: "succeeded", result: "{}" }, { status: "succeeded", result: "{}" }],
    [tries(0), again, { status: "queued", runAt: NOW + 1_000 }],
    [tries(1), again, { status: "queued", runAt: NOW + 10_000 }],
    [tries(0), { ...again, retryAfterMs: 60_000 }, { status: "queued", runAt: NOW + 60_000 }],
    [tries(2), again, { status: "failed", error: "e" }],
    [tries(2), { ...again, retryAfterMs: 60_000 }, { status: "failed", error: "e" }],
    [tries(0), never, { status: "failed", error: "e" }],
    [tries(0), { ...again, retryInMs: 5 }, { status: "queued", runAt: NOW + 5 }],
    [tries(1), { ...again, retryInMs: 0 }, { status: "queued", runAt: NOW }],
    [tries(2), { ...again, retryInMs: 5 }, { status: "failed", error: "e" }],
    [tries(2), { kind: "snoozed", forMs: 7 }, { status: "queued", runAt: NOW + 7, uncounted: true }],
    // lost attempts are not held against the job
    [tries(0, 19), again, { status: "queued", runAt: NOW + 1_000 }],
  ];
  for (const [before, outcome, next] of cases) {
    assert.deepEqual(afterAttempt(before, 3, outcome, POLICY, NOW, MIDDLE), next);
  }
});

test("a job of one attempt fails with it", () => {
  const next = afterAttempt(tries(), 1, { kind: "failed", error: "e", retry: true }, POLICY, NOW, MIDDLE);
  assert.deepEqual(next, { status: "failed", error: "e" });
});

test("a lost job is queued at once, until it was lost too often in a row", () => {
  assert.deepEqual(afterLoss(tries(), NOW), { status: "queued", runAt: NOW });
  assert.deepEqual(afterLoss(tries(5, MAX_LOSSES - 2), NOW), { status: "queued", runAt: NOW });
  const last = afterLoss(tries(5, MAX_LOSSES - 1), NOW);
  assert.ok(last.status === "failed");
  assert.match(last.error, new RegExp(`died .* ${MAX_LOSSES} times in a row`));
});

test("only failed and cancelled jobs are retried, only queued and running ones cancelled", () => {
  assert.deepEqual(JOB_STATUSES.filter(canRetry), ["failed", "cancelled"]);
  assert.deepEqual(JOB_STATUSES.filter(canCancel), ["queued", "running"]);
});

/** What may follow each status. */
const ALLOWED: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ["running", "cancelled"],
  running: ["queued", "succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: ["queued"],
  cancelled: ["queued"],
};

type Step =
  | { readonly kind: "claim" | "release" | "lose" | "cancel" | "retry" }
  | { readonly kind: "settle"; readonly outcome: Outcome };

interface ModelJob extends Tries {
  readonly status: JobStatus;
  readonly runAt: number;
}

/** A job in memory, changed by what core decides alone, the way a store does it. */
function take(job: ModelJob, step: Step, maxAttempts: number, random: () => number): ModelJob {
  const before = { ...job, attempts: job.attempts - 1 };
  switch (step.kind) {
    case "claim":
      return job.status === "queued" ? { ...job, status: "running", attempts: job.attempts + 1 } : job;
    case "release":
      return job.status === "running" ? { ...before, status: "queued" } : job;
    case "lose":
      if (job.status !== "running") return job;
      return { ...job, losses: job.losses + 1, ...placed(afterLoss(before, NOW)) };
    case "settle": {
      if (job.status !== "running") return job;
      const next = afterAttempt(before, maxAttempts, step.outcome, POLICY, NOW, random);
      if (next.status === "queued" && next.uncounted) return { ...before, ...placed(next) };
      const failures = job.failures + (step.outcome.kind === "failed" ? 1 : 0);
      return { ...job, failures, losses: 0, ...placed(next) };
    }
    case "cancel":
      return canCancel(job.status) ? { ...job, status: "cancelled" } : job;
    case "retry":
      return canRetry(job.status) ? { ...job, status: "queued", runAt: NOW, failures: 0, losses: 0 } : job;
  }
}

function placed(next: Next): Pick<ModelJob, "status" | "runAt"> {
  return { status: next.status, runAt: next.status === "queued" ? next.runAt : 0 };
}

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Outcome>({ kind: "succeeded" }) },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        kind: fc.constant("failed" as const),
        error: fc.constant("e"),
        retry: fc.boolean(),
        retryAfterMs: fc.nat(100_000),
        retryInMs: fc.nat(100_000),
      },
      { requiredKeys: ["kind", "error", "retry"] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("snoozed" as const), forMs: fc.nat(100_000) }),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>({ kind: "claim" }) },
  { weight: 4, arbitrary: outcome.map((each): Step => ({ kind: "settle", outcome: each })) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step[]>(
      { kind: "lose" },
      { kind: "lose" },
      { kind: "release" },
      { kind: "cancel" },
      { kind: "retry" },
    ),
  },
);

const FRESH: ModelJob = { status: "queued", runAt: NOW, attempts: 0, failures: 0, losses: 0 };
const walk = fc.tuple(
  fc.array(step, { maxLength: 150 }),
  fc.integer({ min: 1, max: 5 }),
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
);

/** Every step of a walk, with the job before and after it. */
function* stepsOf([steps, maxAttempts, random]: [Step[], number, number]) {
  let job = FRESH;
  for (const each of steps) {
    const after = take(job, each, maxAttempts, () => random);
    yield { before: job, step: each, after, maxAttempts };
    job = after;
  }
}

function checkWalks(
  check: (at: { before: ModelJob; step: Step; after: ModelJob; maxAttempts: number }) => void,
): void {
  fc.assert(
    fc.property(walk, (each) => {
      for (const at of stepsOf(each)) check(at);
    }),
    { numRuns: 500 },
  );
}

test("no walk of operations leaves the allowed transitions", () => {
  checkWalks(({ before, after }) => {
    assert.ok(after.status === before.status || ALLOWED[before.status].includes(after.status));
  });
});

test("an ended job stays as it is, but for a retry by hand", () => {
  checkWalks(({ before, step: { kind }, after }) => {
    const ended = !canCancel(before.status);
    if (ended && (kind !== "retry" || before.status === "succeeded")) assert.deepEqual(after, before);
  });
});

function isSnooze(taken: Step): boolean {
  return taken.kind === "settle" && taken.outcome.kind === "snoozed";
}

test("attempts rise by one with a claim, fall by one with a release or a snooze, and never otherwise change", () => {
  checkWalks(({ before, step: taken, after }) => {
    const change = after.attempts - before.attempts;
    const givesBack = taken.kind === "release" || isSnooze(taken);
    if (change !== 0) assert.equal(change, taken.kind === "claim" ? 1 : givesBack ? -1 : Number.NaN);
    assert.ok(after.attempts >= after.failures + after.losses);
  });
});

test("a snooze changes nothing but when the job is due, whatever was counted before", () => {
  checkWalks(({ before, step: taken, after }) => {
    if (before.status !== "running" || taken.kind !== "settle" || taken.outcome.kind !== "snoozed") return;
    const { failures, losses } = before;
    const runAt = NOW + taken.outcome.forMs;
    assert.deepEqual(after, { status: "queued", runAt, attempts: before.attempts - 1, failures, losses });
  });
});

test("a handler's own choice of when to try again is kept to, and counts as a failure", () => {
  checkWalks(({ before, step: taken, after }) => {
    if (before.status !== "running" || taken.kind !== "settle" || taken.outcome.kind !== "failed") return;
    assert.equal(after.failures, before.failures + 1);
    const { retryInMs } = taken.outcome;
    if (retryInMs !== undefined && after.status === "queued") assert.equal(after.runAt, NOW + retryInMs);
  });
});

test("a live job has attempts left, and has not been lost too often in a row", () => {
  checkWalks(({ after, maxAttempts }) => {
    if (!canCancel(after.status)) return;
    assert.ok(after.failures < maxAttempts);
    assert.ok(after.losses < MAX_LOSSES);
  });
});

test("a job fails only for an outcome not worth repeating, its last attempt, or its last loss", () => {
  checkWalks(({ before, step: taken, after, maxAttempts }) => {
    if (after.status !== "failed" || before.status === "failed") return;
    const hopeless = taken.kind === "settle" && taken.outcome.kind === "failed" && !taken.outcome.retry;
    assert.ok(hopeless || after.failures === maxAttempts || after.losses === MAX_LOSSES);
  });
});

test("a job that is queued again is never due before now, nor before what was asked for", () => {
  checkWalks(({ after }) => assert.ok(after.status !== "queued" || after.runAt >= NOW));
  fc.assert(
    fc.property(fc.nat(10_000_000), (retryAfterMs) => {
      const next = afterAttempt(
        tries(),
        9,
        { kind: "failed", error: "e", retry: true, retryAfterMs },
        POLICY,
        NOW,
        Math.random,
      );
      assert.ok(next.status === "queued" && next.runAt >= NOW + retryAfterMs);
    }),
  );
});
