import assert from "node:assert/strict";
import { test } from "node:test";
import {
  afterAttempts,
  DEFAULT_RULES,
  type Decision,
  drained,
  GENTLE_STEPS,
  HEALTHY,
  type HealthState,
  heldUpBy,
  isDraining,
  isDue,
  letIn,
  NOTHING_SEEN,
  nextDrainStep,
  probeDelayMs,
  probing,
  type Seen,
} from "./breaker-state.ts";

const NOW = 1_000_000_000;
const SECOND = 1_000;
const DAY = 86_400_000;

const failing = (failures: number, since = NOW - 1): Seen => ({
  failures,
  failingSince: since,
  failedAt: NOW,
  error: "HTTP 500",
  succeededAt: null,
});
const SUCCESS: Seen = { ...NOTHING_SEEN, succeededAt: NOW };

const counted = (failures: number): HealthState => ({ ...HEALTHY, failures, failingSince: NOW - 9 });
const open = (probes: number): HealthState => ({
  ...counted(10),
  breaker: "open",
  openedAt: NOW - 5,
  probes,
  probeAt: NOW,
});
const halfOpen = (probes: number) => probing(open(probes - 1), NOW - 1, SECOND);
const draining = (step: number): HealthState => ({ ...HEALTHY, probes: step, probeAt: NOW + SECOND });

test("every state, and what it becomes after attempts", () => {
  type Row = [
    what: string,
    before: HealthState,
    seen: Seen,
    after: Partial<HealthState>,
    and?: Partial<Pick<Decision, "turn" | "letIn">>,
  ];
  const rows: Row[] = [
    [
      "one failure is counted",
      HEALTHY,
      failing(1),
      { breaker: "closed", failures: 1, failingSince: NOW - 1 },
    ],
    [
      "failures of other workers count too",
      counted(5),
      failing(4),
      { breaker: "closed", failures: 9, failingSince: NOW - 9 },
    ],
    [
      "the tenth in a row opens it",
      counted(9),
      failing(1),
      {
        breaker: "open",
        failures: 10,
        openedAt: NOW,
        probeAt: NOW + 30 * SECOND,
        probes: 0,
        lastError: "HTTP 500",
      },
      { turn: "opened" },
    ],
    [
      "a success in between restarts the count",
      counted(9),
      { ...failing(2), succeededAt: NOW - 3 },
      { breaker: "closed", failures: 2, failingSince: NOW - 1 },
    ],
    [
      "ten after a success open it too",
      counted(9),
      { ...failing(10), succeededAt: NOW - 3 },
      { breaker: "open", failures: 10 },
      { turn: "opened" },
    ],
    [
      "a success ends what was counted",
      counted(9),
      SUCCESS,
      { breaker: "closed", failures: 0, failingSince: null, lastSuccessAt: NOW, probeAt: null },
    ],
    [
      "what was under way when it opened moves no probe",
      open(2),
      failing(3),
      { breaker: "open", failures: 13, probeAt: NOW, probes: 2, openedAt: NOW - 5 },
    ],
    [
      "what was under way when it opened closes it with a success",
      open(2),
      SUCCESS,
      { breaker: "closed", openedAt: null, failures: 0 },
      { turn: "closed", letIn: 1 },
    ],
    [
      "a probe that succeeds closes it, and lets one in",
      halfOpen(3),
      SUCCESS,
      { breaker: "closed", openedAt: null, probes: 1, failingSince: null },
      { turn: "closed", letIn: 1 },
    ],
    [
      "a probe that fails makes the next one wait twice as long",
      halfOpen(2),
      failing(1),
      { breaker: "open", probes: 2, probeAt: NOW + 120 * SECOND, failures: 11 },
    ],
    [
      "a drain doubles once something got through",
      draining(3),
      SUCCESS,
      { breaker: "closed", probes: 4 },
      { letIn: 8 },
    ],
    [
      "a drain goes on where more got through than failed last",
      draining(3),
      { ...failing(2), succeededAt: NOW - 3 },
      { breaker: "closed", probes: 4, failures: 2 },
      { letIn: 8 },
    ],
    [
      "a drain in which nothing gets through opens it again",
      draining(3),
      failing(1),
      { breaker: "open", probes: 1, probeAt: NOW + 60 * SECOND },
      { turn: "reopened" },
    ],
    [
      "five days of failing disable it",
      { ...open(9), failingSince: NOW - 5 * DAY },
      failing(1),
      { breaker: "open" },
      { turn: "disabled" },
    ],
    [
      "a moment less does not",
      { ...open(9), failingSince: NOW - 5 * DAY + 1 },
      failing(1),
      { breaker: "open" },
    ],
    [
      "five days of failing and then a success do not",
      { ...halfOpen(9), failingSince: NOW - 5 * DAY },
      SUCCESS,
      { breaker: "closed" },
      { turn: "closed", letIn: 1 },
    ],
    ["nothing seen changes nothing", open(1), NOTHING_SEEN, open(1)],
  ];
  for (const [what, before, seen, after, { turn, letIn = 0 } = {}] of rows) {
    const decision = afterAttempts(before, seen, NOW, DEFAULT_RULES);
    assert.deepEqual({ ...decision.state, ...after }, decision.state, what);
    assert.deepEqual([decision.turn, decision.letIn], [turn, letIn], what);
  }
});

test("probes come after 30 seconds, then after twice as long each time, at most half an hour", () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 1_000].map((probes) => probeDelayMs(probes) / SECOND);
  assert.deepEqual(delays, [30, 60, 120, 240, 480, 960, 1_800, 1_800, 1_800]);
});

test("what comes while it is open waits, except for the probe; another is due when nothing is heard of the first", () => {
  const waiting = { ...open(0), probeAt: NOW + 1 };
  const probe = probing(open(0), NOW, 45 * SECOND);
  assert.deepEqual([probe.breaker, probe.probes, probe.probeAt], ["half_open", 1, NOW + 45 * SECOND]);
  const rows: [HealthState, number, "breaker" | undefined][] = [
    [HEALTHY, NOW, undefined],
    [counted(9), NOW, undefined],
    [draining(2), NOW, undefined],
    [waiting, NOW, "breaker"],
    [waiting, NOW + 1, undefined],
    [probe, NOW + SECOND, "breaker"],
    [probe, NOW + 45 * SECOND, undefined],
  ];
  for (const [state, now, reason] of rows) assert.equal(heldUpBy(state, now), reason);
  assert.ok(isDue(waiting, NOW + 1) && !isDue(waiting, NOW) && !isDue(HEALTHY, NOW));
  // one that was to come when the clock was ahead, and the clock was set back
  assert.ok(isDue(waiting, NOW - DAY) && !isDue(waiting, NOW - 1_800 * SECOND));
});

test("what was parked is let in gently, and an open breaker decides for itself", () => {
  const begun = letIn(counted(3), NOW);
  assert.ok(isDraining(begun) && isDue(begun, NOW));
  assert.deepEqual(letIn(open(1), NOW), open(1));
  const steps: number[] = [];
  let state = begun;
  for (let n = 0; n <= GENTLE_STEPS; n++) {
    const step = nextDrainStep(state, NOW);
    steps.push(step.letIn);
    state = step.state;
  }
  assert.deepEqual(steps, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
  assert.ok(!isDraining(drained(state)));
});
