import { firstIdAt } from "../../core/id.ts";
import type { Attempt, AttemptOutcome } from "../../core/job.ts";
import { NO_EVIDENCE } from "../../core/outcome.ts";
import {
  isSuspect,
  type JobFailed,
  type JobSucceeded,
  MAX_LOSSES,
  type Queued,
} from "../../core/transition.ts";
import type { RerunFilter } from "../job-records.ts";
import type {
  Batch,
  Committed,
  Enqueue,
  Enqueued,
  LaneRoom,
  LeasedJob,
  NewJob,
  Settlement,
} from "../queue.ts";
import type { EndedBefore } from "../retention.ts";
import type { Store } from "../store.ts";
import type { WorkerRecord } from "../worker-record.ts";
import { HOUR, NOW, SECOND, WORKER, workerRecord } from "./store-under-test.ts";

let idsMade = 0;

/** A job id made at `ms`; later calls give later ids of the same millisecond. */
export function idAt(ms: number): string {
  idsMade++;
  return firstIdAt("job", ms).slice(0, -16) + String(idsMade).padStart(8, "0").padEnd(16, "0");
}

/** A job that is due now, except for what `fields` says. */
export function newJob(fields: Partial<NewJob> = {}): NewJob {
  const createdAt = fields.createdAt ?? NOW;
  return {
    id: idAt(createdAt),
    task: "mail.send",
    lane: "lane",
    priority: 0,
    options: "{}",
    payload: "null",
    maxAttempts: 3,
    createdAt,
    runAt: createdAt,
    ...fields,
  };
}

export function newJobs(count: number, fields: Partial<NewJob> = {}): NewJob[] {
  return Array.from({ length: count }, () => newJob(fields));
}

export function commit(store: Store, batch: Partial<Batch>): Promise<Committed> {
  return store.queue.commit({ now: NOW, enqueues: [], settlements: [], claim: undefined, ...batch });
}

export async function enqueue(store: Store, jobs: readonly NewJob[], now = NOW): Promise<void> {
  await commit(store, { now, enqueues: jobs.map((job): Enqueue => ({ job })) });
}

/** In a transaction of the caller's. */
export async function enqueueWithin(
  store: Store,
  transaction: unknown,
  enqueues: readonly Enqueue[],
  now: number,
): Promise<readonly Enqueued[]> {
  return (await store.queue.acceptWithin(transaction, { enqueues }, now)).enqueued;
}

export interface ClaimOptions {
  readonly limit?: number;
  readonly worker?: WorkerRecord;
  readonly room?: LaneRoom;
  readonly now?: number;
}

export const UNLIMITED: LaneRoom = { byDefault: Number.MAX_SAFE_INTEGER, except: new Map() };

export async function claim(store: Store, options: ClaimOptions = {}): Promise<LeasedJob[]> {
  const { limit = 1_000, worker = WORKER, room = UNLIMITED, now = NOW } = options;
  return [
    ...(await commit(store, { now, claim: { worker, limit, maxBytes: Number.MAX_SAFE_INTEGER, room } }))
      .claimed,
  ];
}

/** Enqueues one job and claims it. Nothing else may be ready in its lane. */
export async function enqueueAndClaim(
  store: Store,
  fields: Partial<NewJob> = {},
  worker = WORKER,
): Promise<LeasedJob> {
  const job = newJob(fields);
  await enqueue(store, [job], job.createdAt);
  const room = { byDefault: 0, except: new Map([[job.lane, 2]]) };
  return claimOne(store, { worker, room, now: job.createdAt });
}

/** Claims the one job that is ready. */
export async function claimOne(store: Store, options: ClaimOptions = {}): Promise<LeasedJob> {
  const claimed = await claim(store, options);
  const [lease] = claimed;
  if (lease && claimed.length === 1) return lease;
  throw new Error(`${claimed.length} jobs were ready where one was expected`);
}

/** What happens to a leased job, at one moment. */
export function settlement(
  lease: LeasedJob,
  next: JobSucceeded | JobFailed | Queued,
  outcome: AttemptOutcome = next.status === "succeeded" ? "succeeded" : "failed",
  attempt: Partial<Attempt> = {},
): Settlement {
  const recorded: Attempt = {
    n: lease.attempts,
    outcome,
    startedAt: NOW,
    durationMs: 5,
    error: outcome === "failed" ? "it broke" : null,
    ...NO_EVIDENCE,
    ...attempt,
  };
  const { attempts } = lease;
  const failures = lease.failures + (outcome === "failed" ? 1 : 0);
  return {
    lease,
    transition: { attempts, failures, losses: 0, forgetsStart: false, attempt: recorded, next },
  };
}

/** A leased job that will be run again at `runAt`, its attempt uncounted. */
export function snooze(lease: LeasedJob, runAt: number): Settlement {
  const { attempts, failures, losses } = lease;
  const next = { status: "queued", runAt } as const;
  return {
    lease,
    transition: { attempts: attempts - 1, failures, losses, forgetsStart: false, attempt: undefined, next },
  };
}

/** Whatever the jobs' status. */
export function endedBefore(ms: number): EndedBefore {
  return { succeeded: ms, failed: ms };
}

/** Whether the store took it. */
export async function settle(store: Store, settled: Settlement, now = NOW + SECOND): Promise<boolean> {
  return (await commit(store, { now, settlements: [settled] })).settled[0] === true;
}

export function succeed(store: Store, lease: LeasedJob, now?: number): Promise<boolean> {
  return settle(store, settlement(lease, { status: "succeeded", result: null }), now);
}

export function fail(store: Store, lease: LeasedJob, now?: number): Promise<boolean> {
  return settle(store, settlement(lease, { status: "failed", error: "it broke" }), now);
}

/** A failed attempt that will be repeated at `runAt`. */
export function failForNow(store: Store, lease: LeasedJob, runAt: number, now?: number): Promise<boolean> {
  return settle(store, settlement(lease, { status: "queued", runAt }), now);
}

/** Jobs that have failed permanently, in the order of their ids. */
export async function failedJobs(store: Store, jobs: readonly NewJob[], now?: number): Promise<void> {
  await enqueue(store, jobs);
  const ids = new Set(jobs.map((job) => job.id));
  for (const lease of await claim(store)) if (ids.has(lease.id)) await fail(store, lease, now);
}

/** Reruns batch after batch until nothing is left; how many there were in each. */
export async function rerunAll(
  store: Store,
  filter: RerunFilter,
  limit: number,
  now = NOW,
): Promise<number[]> {
  const batches: number[] = [];
  let after = filter.after;
  for (;;) {
    const { rerun, last } = await store.byHand.rerunMany(
      after === undefined ? filter : { ...filter, after },
      limit,
      now,
    );
    batches.push(rerun);
    if (last === null) return batches;
    after = last;
  }
}

/**
 * Loses the one job that is live, attempt by attempt, until it has ended for that: in company at first, alone once it is a
 * suspect. When it ended.
 */
export async function loseForGood(store: Store, beforeEach = async () => {}): Promise<number> {
  let now = NOW;
  for (let losses = 0; losses < MAX_LOSSES; losses++) {
    await beforeEach();
    now += HOUR;
    await store.queue.promote(now, 1);
    const worker = workerRecord(`wrk_${losses}`);
    const lease = await claimOne(store, { worker, now });
    await store.workers.isolate(lease, isSuspect(lease));
    await store.workers.reclaim(worker, now, "ended");
  }
  return now;
}

export function idsOf(jobs: readonly { readonly id: string }[]): string[] {
  return jobs.map((job) => job.id);
}
