import { isToCome } from "../../core/clock.ts";
import { DAY_MS } from "../../core/duration.ts";
import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";

/**
 * How an endpoint is doing, and what its breaker does about it:
 *
 *     closed ──(failures in a row)──▶ open ──(its time has come, one attempt)──▶ half open
 *        ▲                             ▲                                          │    │
 *        │                             └──────────────(it failed)─────────────────┘    │
 *        └── draining ◀───────────────────────────────(it succeeded)───────────────────┘
 *
 * `probeAt` is when the next step is due: of an open breaker the probe; of a half open one another probe, should nobody hear of the
 * first; of a closed one that drains the next jobs to let in. `probes` counts the probes, or the steps of the drain.
 */
export type HealthState = Omit<EndpointHealth, "endpoint" | "tenant" | "version" | "updatedAt">;

export interface BreakerRules {
  /** This many failures in a row open it. */
  readonly failures: number;
  /** An endpoint that has failed for this long without one success is disabled. */
  readonly disableAfterMs: number;
}

/** What one worker has seen of an endpoint since it last wrote its health. */
export interface Seen {
  /** In a row, up to the last. */
  readonly failures: number;
  /** The first of these. */
  readonly failingSince: number | null;
  readonly failedAt: number | null;
  readonly error: string | null;
  /** The last success before them. */
  readonly succeededAt: number | null;
}

export type Turn = "opened" | "closed" | "reopened" | "disabled";

export interface Decision {
  readonly state: HealthState;
  /** The event to publish, if any. */
  readonly turn: Turn | undefined;
  /** How many of its parked jobs to let in. */
  readonly letIn: number;
}

export const HEALTHY: HealthState = {
  breaker: "closed",
  failures: 0,
  failingSince: null,
  openedAt: null,
  probeAt: null,
  probes: 0,
  lastSuccessAt: null,
  lastFailureAt: null,
  lastError: null,
};

export const NOTHING_SEEN: Seen = {
  failures: 0,
  failingSince: null,
  failedAt: null,
  error: null,
  succeededAt: null,
};

export const DEFAULT_RULES: BreakerRules = { failures: 10, disableAfterMs: 5 * DAY_MS };

const FIRST_PROBE_MS = 30_000;
const LONGEST_PROBE_MS = 30 * 60_000;
/** A drain continues after this long without news: the jobs that were let in may have been cancelled. */
const DRAIN_PATIENCE_MS = 30_000;
/** After this many steps, everything that is left is let in as fast as possible. */
export const GENTLE_STEPS = 9;

/** How long an open breaker waits after so many probes. */
export function probeDelayMs(probes: number): number {
  return Math.min(FIRST_PROBE_MS * 2 ** Math.min(probes, 30), LONGEST_PROBE_MS);
}

/** After attempts, of which a worker has seen this. */
export function afterAttempts(before: HealthState, seen: Seen, now: number, rules: BreakerRules): Decision {
  const { failures, failingSince } = countedWith(before, seen);
  const state: HealthState = {
    ...before,
    failures,
    failingSince,
    lastSuccessAt: seen.succeededAt ?? before.lastSuccessAt,
    lastFailureAt: seen.failedAt ?? before.lastFailureAt,
    lastError: seen.error ?? before.lastError,
  };
  const hasFailedTooLong =
    seen.failures > 0 && failingSince !== null && now - failingSince >= rules.disableAfterMs;
  if (hasFailedTooLong) return { state: opened(state, now, state.probes), turn: "disabled", letIn: 0 };
  if (seen.succeededAt !== null) return afterSuccess(state, now, rules);
  return seen.failures > 0 ? afterFailures(state, now, rules) : { state, turn: undefined, letIn: 0 };
}

function countedWith(before: HealthState, seen: Seen): Pick<HealthState, "failures" | "failingSince"> {
  if (seen.succeededAt !== null) return { failures: seen.failures, failingSince: seen.failingSince };
  return {
    failures: before.failures + seen.failures,
    failingSince: before.failingSince ?? seen.failingSince,
  };
}

/** The endpoint answers again, which even an attempt shows that started before the breaker opened. */
function afterSuccess(state: HealthState, now: number, rules: BreakerRules): Decision {
  if (state.breaker === "closed") {
    if (state.failures >= rules.failures) return { state: opened(state, now, 0), turn: "opened", letIn: 0 };
    return isDraining(state) ? nextDrainStep(state, now) : { state, turn: undefined, letIn: 0 };
  }
  const { state: draining, letIn } = nextDrainStep(closed(state), now);
  return { state: draining, turn: "closed", letIn };
}

function afterFailures(state: HealthState, now: number, rules: BreakerRules): Decision {
  switch (state.breaker) {
    case "open": // those that were under way when it opened
      return { state, turn: undefined, letIn: 0 };
    case "half_open":
      return { state: opened(state, now, state.probes), turn: undefined, letIn: 0 };
    case "closed": {
      if (isDraining(state)) return { state: opened(state, now, 1), turn: "reopened", letIn: 0 };
      if (state.failures < rules.failures) return { state, turn: undefined, letIn: 0 };
      return { state: opened(state, now, 0), turn: "opened", letIn: 0 };
    }
  }
}

/** Whether its next step is due. */
export function isDue({ probeAt }: HealthState, now: number): boolean {
  return probeAt !== null && !isToCome(probeAt, now, LONGEST_PROBE_MS);
}

/** Whether what was parked is being let in again. */
export function isDraining({ breaker, probeAt }: HealthState): boolean {
  return breaker === "closed" && probeAt !== null;
}

/** Why new deliveries wait; undefined if they need not. If a probe is due, the next delivery is the probe. */
export function heldUpBy(state: HealthState, now: number): "breaker" | undefined {
  return state.breaker === "closed" || isDue(state, now) ? undefined : "breaker";
}

/** One attempt becomes the probe. If nothing is heard of it, another one is due after `probeMs`. */
export function probing(state: HealthState, now: number, probeMs: number): HealthState {
  return { ...state, breaker: "half_open", probes: state.probes + 1, probeAt: now + probeMs };
}

/** Another reason no longer holds the endpoint up, so parked jobs are let in, unless the breaker is open. */
export function letIn(state: HealthState, now: number): HealthState {
  return state.breaker === "closed" ? { ...state, probes: 0, probeAt: now } : state;
}

/** Lets in twice as many as the last time, once those have succeeded. */
export function nextDrainStep(state: HealthState, now: number): Decision {
  const step = Math.min(state.probes, GENTLE_STEPS);
  return {
    state: { ...state, probes: step + 1, probeAt: now + DRAIN_PATIENCE_MS },
    turn: undefined,
    letIn: 2 ** step,
  };
}

/** Nothing is parked any more. */
export function drained(state: HealthState): HealthState {
  return { ...state, probes: 0, probeAt: null };
}

function opened(state: HealthState, now: number, probes: number): HealthState {
  const openedAt = state.openedAt ?? now;
  return { ...state, breaker: "open", openedAt, probes, probeAt: now + probeDelayMs(probes) };
}

function closed(state: HealthState): HealthState {
  return { ...state, breaker: "closed", openedAt: null, probes: 0 };
}
