import type { Attempt, AttemptOutcome, JobStatus, Tries } from "./job.ts";
import {
  type AttemptDetail,
  type AttemptEvidence,
  type Failed,
  NO_EVIDENCE,
  type Outcome,
} from "./outcome.ts";
import { type RetryPolicy, retryDelayMs } from "./retry-policy.ts";
import { type FailedPlace, fingerprintOf } from "./thrown/fingerprint.ts";

/** One step in a job's life, completely decided: the stores only write it. The counters are the job's new ones. */
export interface Transition<To extends Next = Next> extends Tries {
  /** Whether the job counts as never started again: the time of its first start is forgotten. */
  readonly forgetsStart: boolean;
  /** The attempt to record; undefined when it ends no attempt, or one that does not count. */
  readonly attempt: Attempt | undefined;
  readonly next: To;
}

/** Where a job goes. */
export type Next = Ended | Queued | Parked;

export type Ended = JobSucceeded | JobFailed | JobCancelled;

export interface JobSucceeded {
  readonly status: "succeeded";
  /** As JSON text. */
  readonly result: string | null;
}

export interface JobFailed {
  readonly status: "failed";
  readonly error: string;
}

export interface JobCancelled {
  readonly status: "cancelled";
  /** The reason, unless somebody cancelled it by hand. */
  readonly reason?: string;
}

export interface Queued {
  readonly status: "queued";
  /** When it is due. */
  readonly runAt: number;
}

/** Why jobs of an ordered lane are parked: one that is before them has not ended. */
export const BEHIND = "behind";

/** Why jobs are cancelled that were parked for too long. */
export const EXPIRED = "expired";

/** Out of the claim until what holds it up is over. This is not a job status: to everyone who looks, it is queued. */
export interface Parked {
  readonly status: "parked";
  readonly reason: string;
  /** When it is due, should it be unparked by then. */
  readonly runAt: number;
  /** Of one behind the head of an ordered lane: its place in the line. */
  readonly place?: number;
}

/** A leased job, its running attempt counted. */
export interface Held extends Tries, FailedPlace {
  /** When its lease was given. */
  readonly leasedAt: number;
  /** Whether its worker ran nothing else. */
  readonly isAlone: boolean;
}

/** After an attempt that ended, from `startedAt` to `now`. */
export function afterAttempt(
  job: Tries & FailedPlace & { readonly maxAttempts: number },
  startedAt: number,
  outcome: Outcome,
  policy: RetryPolicy,
  now: number,
  random: () => number,
): Transition {
  const { attempts } = job;
  if (outcome.kind === "held up") return afterParkingUnbegun(job, outcome.reason, now);
  if (outcome.kind === "needless")
    return uncounted(job, attempts === 1, { status: "cancelled", reason: outcome.reason });
  if (outcome.kind === "snoozed")
    return uncounted(job, false, { status: "queued", runAt: now + outcome.forMs });
  const durationMs = Math.max(0, now - startedAt);
  if (outcome.kind === "succeeded") {
    const { failures } = job;
    const attempt = recorded(job, "succeeded", startedAt, durationMs, null, outcome);
    const next = { status: "succeeded", result: outcome.result ?? null } as const;
    return { attempts, failures, losses: 0, forgetsStart: false, attempt, next };
  }
  const failures = job.failures + 1;
  const attempt = recorded(job, "failed", startedAt, durationMs, outcome.error, outcome);
  const next = afterFailure(outcome, failures, job.maxAttempts, policy, now, random);
  return { attempts, failures, losses: 0, forgetsStart: false, attempt, next };
}

function afterFailure(
  { error, retry, retryInMs, retryAfterMs = 0 }: Failed,
  failures: number,
  maxAttempts: number,
  policy: RetryPolicy,
  now: number,
  random: () => number,
): JobFailed | Queued {
  if (!retry || failures >= maxAttempts) return { status: "failed", error };
  const delayMs = retryInMs ?? retryDelayMs(policy, failures, retryAfterMs, random);
  return { status: "queued", runAt: now + delayMs };
}

/** How it was noticed that a worker was lost: its process ended, or it was silent for too long. */
export type Loss = "ended" | "silent";

/**
 * A lost worker takes all of its jobs with it, including innocent ones, so being lost together with others does not count against a job.
 * After this many losses in a row a job is a suspect, and runs alone, so that the next loss shows whether it is to blame.
 */
export const SUSPECT_AFTER = 3;

/** This many losses in a row while it runs alone fail a job. A single one may be chance, such as a power cut. */
const MOST_LOSSES_ALONE = 3;

/** Of a live job, all but one: those in company count up to `SUSPECT_AFTER`, those alone on top of that. */
export const MAX_LOSSES = SUSPECT_AFTER + MOST_LOSSES_ALONE;

/** No pause after the first loss, which usually is a restart; then longer ones, so that a crash loop leaves time for other work. */
const LOSS_PAUSES_MS = [0, 1_000, 5_000, 30_000, 120_000];

/** Whether it has to run alone. */
export function isSuspect({ losses }: Pick<Tries, "losses">): boolean {
  return losses >= SUSPECT_AFTER;
}

/** What the record of a lost attempt says: what is known, and no more. */
export function lostError(loss: Loss, isAlone = false): string {
  const held = isAlone ? "this job and no other" : "this job";
  return loss === "ended"
    ? `its worker's process ended while it held ${held}`
    : `its worker, which held ${held}, was silent for longer than its lease, as when its machine is gone or a handler blocks the event loop`;
}

/** After an attempt that ended with the loss of its worker. */
export function afterLoss(held: Held, now: number, loss: Loss): Transition<JobFailed | Queued> {
  const { attempts, failures, isAlone } = held;
  const losses = isAlone || !isSuspect(held) ? held.losses + 1 : held.losses;
  const error = lostError(loss, isAlone);
  const attempt = { ...cutShort(held, "lost", error, now), ...lostEvidence(held, error) };
  return {
    attempts,
    failures,
    losses,
    forgetsStart: false,
    attempt,
    next: nextOfLost(losses, isAlone, error, now),
  };
}

/** Grouped like failures, and never with one. */
function lostEvidence(held: Held, error: string): Pick<AttemptEvidence, "class" | "fingerprint"> {
  return { class: "lost", fingerprint: fingerprintOf(held, error, { class: "lost" }) };
}

function nextOfLost(losses: number, isAlone: boolean, error: string, now: number): JobFailed | Queued {
  if (isAlone && losses >= MAX_LOSSES) {
    return {
      status: "failed",
      error: `${error}, ${MOST_LOSSES_ALONE} times in a row: it is what ends its workers`,
    };
  }
  const pauseMs = LOSS_PAUSES_MS[Math.min(losses, LOSS_PAUSES_MS.length) - 1] ?? 0;
  return { status: "queued", runAt: now + pauseMs };
}

/** After a lease was given back before its job began: as if it had never been given. */
export function afterRelease(held: Tries, now: number): Transition<Queued> {
  return uncounted(held, held.attempts === 1, { status: "queued", runAt: now });
}

/** After a person cancelled a waiting job; with a reason, after it was cancelled for that. */
export function afterCancel(waiting: Tries, reason?: string): Transition<JobCancelled> {
  return still(waiting, reason === undefined ? { status: "cancelled" } : { status: "cancelled", reason });
}

/** After a person cancelled a running job; whatever its handler still does is not recorded. */
export function afterCancelOfRunning(held: Held, now: number): Transition<JobCancelled> {
  const attempt = cutShort(held, "cancelled", "cancelled by hand", now);
  return { ...still(held, { status: "cancelled" }), attempt };
}

/** After a person had a failed or cancelled job queued again: its attempts continue to count up, what ended it is forgiven. */
export function afterRerun({ attempts }: Pick<Tries, "attempts">, now: number): Transition<Queued> {
  return still({ attempts, failures: 0, losses: 0 }, { status: "queued", runAt: now });
}

/** After a waiting job was taken out of the claim. */
export function afterParking(waiting: Tries & Pick<Queued, "runAt">, reason: string): Transition<Parked> {
  return still(waiting, { status: "parked", reason, runAt: waiting.runAt });
}

/** After a lease was given back, unbegun, whose lane is held up: as if it had been parked before it was given. */
export function afterParkingUnbegun(held: Tries, reason: string, now: number): Transition<Parked> {
  return uncounted(held, held.attempts === 1, { status: "parked", reason, runAt: now });
}

/** After a job came to an ordered lane of which another one is live. */
export function behind(coming: Transition<Queued>, place: number): Transition<Parked> {
  return { ...coming, next: { status: "parked", reason: BEHIND, runAt: coming.next.runAt, place } };
}

/** After it was let back in, due when it was before, so that those that have waited longest go first. */
export function afterUnparking(parked: Tries & Pick<Parked, "runAt">): Transition<Queued> {
  return still(parked, { status: "queued", runAt: parked.runAt });
}

/** Whether this ends the job. */
export function isEnd(transition: Transition): transition is Transition<Ended> {
  const { status } = transition.next;
  return status !== "queued" && status !== "parked";
}

/** Whether a person may queue it again. */
export function canRerun(status: JobStatus): boolean {
  return status === "failed" || status === "cancelled";
}

/** Whether it can still be cancelled. */
export function canCancel(status: JobStatus): boolean {
  return status === "queued" || status === "running";
}

/** Nothing is counted or recorded. */
function still<To extends Next>({ attempts, failures, losses }: Tries, next: To): Transition<To> {
  return { attempts, failures, losses, forgetsStart: false, attempt: undefined, next };
}

/** Its number is given out again. */
function uncounted<To extends Next>(held: Tries, forgetsStart: boolean, next: To): Transition<To> {
  const { attempts, failures, losses } = held;
  return { attempts: attempts - 1, failures, losses, forgetsStart, attempt: undefined, next };
}

/** For an attempt whose handler reported nothing. */
function cutShort(
  { attempts, leasedAt }: Held,
  outcome: AttemptOutcome,
  error: string,
  now: number,
): Attempt {
  const durationMs = Math.max(0, now - leasedAt);
  return { n: attempts, outcome, startedAt: leasedAt, durationMs, error, ...NO_EVIDENCE };
}

function recorded(
  job: Pick<Tries, "attempts"> & FailedPlace,
  outcome: AttemptOutcome,
  startedAt: number,
  durationMs: number,
  error: string | null,
  told: AttemptDetail,
): Attempt {
  return {
    n: job.attempts,
    outcome,
    startedAt,
    durationMs,
    error,
    code: told.code ?? null,
    class: told.class ?? null,
    excerpt: told.excerpt ?? null,
    fingerprint: told.fingerprint ?? (error === null ? null : fingerprintOf(job, error, told)),
    detail: told.detail ?? null,
  };
}
