import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JobStatus, Tries } from "./job.ts";
import type { Outcome } from "./outcome.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import {
  afterAttempt,
  afterCancel,
  afterCancelOfRunning,
  afterLoss,
  afterParking,
  afterRelease,
  afterRerun,
  afterUnparking,
  isEnd,
  isSuspect,
  MAX_LOSSES,
  SUSPECT_AFTER,
  type Transition,
} from "./transition.ts";

const POLICY: RetryPolicy = { delaysMs: [1_000, 10_000], jitter: 0 };
const NOW = 1_700_000_000_000;

/** Where a job stands: a status, or parked, which is `queued` to everyone who looks. */
type Standing = JobStatus | "parked";

/** What may follow each of them. */
const ALLOWED: Readonly<Record<Standing, readonly Standing[]>> = {
  queued: ["running", "cancelled", "parked"],
  parked: ["queued", "cancelled"],
  running: ["queued", "succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: ["queued"],
  cancelled: ["queued"],
};

type Step =
  | {
      readonly kind:
        | "claim"
        | "release"
        | "lose"
        | "lose in company"
        | "cancel"
        | "redeliver"
        | "park"
        | "unpark";
    }
  | { readonly kind: "settle"; readonly outcome: Outcome };

interface ModelJob extends Tries {
  readonly standing: Standing;
  readonly runAt: number;
  readonly isStarted: boolean;
}

/** A job in memory, changed by what core decides alone, the way a store does it. */
function take(job: ModelJob, step: Step, maxAttempts: number, random: () => number): Transition | undefined {
  const { standing, attempts, failures, losses, runAt } = job;
  const live = {
    ...{ task: "mail.send", lane: "mail" },
    ...{ attempts, failures, losses, runAt, maxAttempts, leasedAt: NOW - 20, isAlone: false },
  };
  const isRunning = standing === "running";
  switch (step.kind) {
    case "claim":
      return undefined;
    case "release":
      return isRunning ? afterRelease(live, NOW) : undefined;
    case "lose":
    case "lose in company":
      // a suspect runs alone, but may no longer do so when its worker is lost
      return isRunning
        ? afterLoss({ ...live, isAlone: step.kind === "lose" && isSuspect(live) }, NOW, "ended")
        : undefined;
    case "settle":
      return isRunning ? afterAttempt(live, NOW - 10, step.outcome, POLICY, NOW, random) : undefined;
    case "cancel":
      if (isRunning) return afterCancelOfRunning(live, NOW);
      return standing === "queued" || standing === "parked" ? afterCancel(live) : undefined;
    case "redeliver":
      return standing === "failed" || standing === "cancelled" ? afterRerun(live, NOW) : undefined;
    case "park":
      return standing === "queued" ? afterParking(live, "its endpoint is paused") : undefined;
    case "unpark":
      return standing === "parked" ? afterUnparking(live) : undefined;
  }
}

function written(job: ModelJob, step: Step, transition: Transition | undefined): ModelJob {
  if (!transition) {
    const isClaimed = step.kind === "claim" && job.standing === "queued";
    return isClaimed ? { ...job, standing: "running", attempts: job.attempts + 1, isStarted: true } : job;
  }
  const { attempts, failures, losses, forgetsStart, next } = transition;
  const runAt = "runAt" in next ? next.runAt : 0;
  return {
    standing: next.status,
    runAt,
    attempts,
    failures,
    losses,
    isStarted: job.isStarted && !forgetsStart,
  };
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
      { kind: "lose in company" },
      { kind: "release" },
      { kind: "cancel" },
      { kind: "redeliver" },
      { kind: "park" },
      { kind: "unpark" },
    ),
  },
);

const FRESH: ModelJob = {
  ...{ standing: "queued", runAt: NOW, isStarted: false },
  ...{ attempts: 0, failures: 0, losses: 0 },
};
const walk = fc.tuple(
  fc.array(step, { maxLength: 150 }),
  fc.integer({ min: 1, max: 5 }),
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
);

interface Taken {
  readonly before: ModelJob;
  readonly step: Step;
  readonly transition: Transition | undefined;
  readonly after: ModelJob;
  readonly maxAttempts: number;
}

/** Every step of a walk, with the job before and after it. */
function* stepsOf([steps, maxAttempts, random]: [Step[], number, number]): Iterable<Taken> {
  let job = FRESH;
  for (const each of steps) {
    const transition = take(job, each, maxAttempts, () => random);
    const after = written(job, each, transition);
    yield { before: job, step: each, transition, after, maxAttempts };
    job = after;
  }
}

function checkWalks(check: (at: Taken) => void): void {
  fc.assert(
    fc.property(walk, (each) => {
      for (const at of stepsOf(each)) check(at);
    }),
    { numRuns: 500 },
  );
}

function isSnooze(taken: Step): boolean {
  return taken.kind === "settle" && taken.outcome.kind === "snoozed";
}

test("no walk of operations leaves the allowed transitions", () => {
  checkWalks(({ before, after }) => {
    assert.ok(after.standing === before.standing || ALLOWED[before.standing].includes(after.standing));
  });
});

test("an ended job stays as it is, except for a redelivery by hand", () => {
  checkWalks(({ before, step: { kind }, after }) => {
    const hasEnded = ALLOWED[before.standing].length < 2;
    if (hasEnded && (kind !== "redeliver" || before.standing === "succeeded")) {
      assert.deepEqual(after, before);
    }
  });
});

test("attempts rise by one with a claim, fall by one with a release or a snooze, and never otherwise change", () => {
  checkWalks(({ before, step: taken, after }) => {
    const change = after.attempts - before.attempts;
    const givesBack = taken.kind === "release" || isSnooze(taken);
    if (change !== 0) assert.equal(change, taken.kind === "claim" ? 1 : givesBack ? -1 : Number.NaN);
  });
});

test("no counter is ever negative, and no attempt counts as failed or lost that was not made", () => {
  checkWalks(({ after: { attempts, failures, losses } }) => {
    assert.ok(failures >= 0 && losses >= 0 && attempts >= failures + losses);
  });
});

test("an attempt is recorded once, by its number, when it counts: not when it is snoozed or given back", () => {
  fc.assert(
    fc.property(walk, (each) => {
      let numbers: number[] = [];
      for (const { before, step: taken, transition, after } of stepsOf(each)) {
        const attempt = transition?.attempt;
        const isCounted = before.standing === "running" && taken.kind !== "release" && !isSnooze(taken);
        assert.equal(attempt !== undefined, isCounted && transition !== undefined);
        if (attempt) numbers = [...numbers, attempt.n];
        const open = after.standing === "running" ? 1 : 0;
        assert.equal(numbers.length + open, after.attempts);
      }
      assert.deepEqual(
        numbers,
        numbers.map((_, at) => at + 1),
      );
    }),
    { numRuns: 500 },
  );
});

test("losses in a row are reset by an attempt that comes to its end, and otherwise only by a person", () => {
  checkWalks(({ before, step: taken, transition, after }) => {
    if (!transition) return;
    const isCounted = taken.kind === "settle" && !isSnooze(taken);
    if (isCounted || taken.kind === "redeliver") assert.equal(after.losses, 0);
    else if (taken.kind === "lose in company")
      assert.equal(after.losses, Math.max(before.losses, Math.min(before.losses + 1, SUSPECT_AFTER)));
    else assert.equal(after.losses, before.losses + (taken.kind === "lose" ? 1 : 0));
  });
});

test("failures rise with a failed attempt, and are reset only by a person", () => {
  checkWalks(({ before, step: taken, transition, after }) => {
    if (!transition) return;
    if (taken.kind === "redeliver") assert.equal(after.failures, 0);
    else {
      const isFailed = taken.kind === "settle" && taken.outcome.kind === "failed";
      assert.equal(after.failures, before.failures + (isFailed ? 1 : 0));
    }
  });
});

test("a job has a start once an attempt was begun, and none once all that were made were given back", () => {
  checkWalks(({ before, step: taken, after }) => {
    if (after.attempts > 0) assert.ok(after.isStarted);
    if (before.isStarted && !after.isStarted) assert.ok(taken.kind === "release" && after.attempts === 0);
  });
});

test("an ended job is never due, and a parked one is due when it was before", () => {
  checkWalks(({ before, transition, after }) => {
    if (transition && isEnd(transition)) assert.ok(!("runAt" in transition.next));
    if (after.standing === "parked") assert.equal(after.runAt, before.runAt);
    if (before.standing === "parked" && after.standing === "queued") assert.equal(after.runAt, before.runAt);
  });
});

test("parking and letting out change nothing but where the job stands", () => {
  checkWalks(({ before, step: { kind }, after }) => {
    if (kind === "park" || kind === "unpark")
      assert.deepEqual({ ...after, standing: "" }, { ...before, standing: "" });
  });
});

test("a snooze changes nothing but when the job is due, whatever was counted before", () => {
  checkWalks(({ before, step: taken, after }) => {
    if (before.standing !== "running" || taken.kind !== "settle" || taken.outcome.kind !== "snoozed") return;
    const runAt = NOW + taken.outcome.forMs;
    assert.deepEqual(after, { ...before, standing: "queued", runAt, attempts: before.attempts - 1 });
  });
});

test("a handler's own choice of when to try again is kept to", () => {
  checkWalks(({ before, step: taken, after }) => {
    if (before.standing !== "running" || taken.kind !== "settle" || taken.outcome.kind !== "failed") return;
    const { retryInMs } = taken.outcome;
    if (retryInMs !== undefined && after.standing === "queued") assert.equal(after.runAt, NOW + retryInMs);
  });
});

test("a live job has attempts left, and has not been lost too often in a row", () => {
  checkWalks(({ after, maxAttempts }) => {
    if (ALLOWED[after.standing].length < 2) return;
    assert.ok(after.failures < maxAttempts);
    assert.ok(after.losses < MAX_LOSSES);
  });
});

test("a job fails only for an outcome not worth repeating, its last attempt, or its last loss alone", () => {
  checkWalks(({ before, step: taken, after, maxAttempts }) => {
    if (after.standing !== "failed" || before.standing === "failed") return;
    const hopeless = taken.kind === "settle" && taken.outcome.kind === "failed" && !taken.outcome.retry;
    const isBlamed = taken.kind === "lose" && after.losses === MAX_LOSSES;
    assert.ok(hopeless || after.failures === maxAttempts || isBlamed);
  });
});

test("a job that is queued again is never due before now", () => {
  checkWalks(({ after }) => assert.ok(after.standing !== "queued" || after.runAt >= NOW));
});
