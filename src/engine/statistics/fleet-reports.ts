import type { Clock } from "../../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import { type Counts, NOTHING, quantile, sum } from "../../observe/metrics/counts.ts";
import { type Gauges, MOST_COUNTED } from "../../store/facts.ts";
import type { StatShelf } from "../../store/shelves/statistics/stats.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
import { isDraining, mayLive } from "../fleet/liveness.ts";
import { countsIn, floor, type Second } from "./statistics.ts";

/** How far back all processes together can tell. */
export const FLEET_SPANS = ["1h", "24h", "30d"] as const;
export type FleetSpan = (typeof FLEET_SPANS)[number];

export const SPANS = ["1m", ...FLEET_SPANS] as const;
export type Span = (typeof SPANS)[number];

/** What happened in one step of time. */
export interface StatPoint {
  /** When the step started; for steps of a second, when it ended. */
  readonly at: Date;
  readonly accepted: number;
  readonly succeeded: number;
  /** Jobs that failed permanently. */
  readonly failed: number;
  readonly cancelled: number;
  /** Failed attempts that will be retried. */
  readonly retried: number;
  /** How long jobs waited, from when they were due to when they started. */
  readonly waitMs: Quantiles;
  /** How long attempts took. */
  readonly attemptMs: Quantiles;
}

/** In milliseconds, rounded up to the next of fifteen bounds; null if nothing happened. */
export type Quantiles = { readonly p50: number; readonly p95: number; readonly p99: number } | null;

/** What is in the database, as it was last counted. */
export interface StatNow {
  /** How many jobs are in each state. Counts stop at 10 001, which means more than 10 000. */
  readonly jobs: Gauges["jobs"];
  /** How long the oldest due job has been waiting; null if none is due. */
  readonly oldestDueSeconds: number | null;
  /** Its id. */
  readonly oldestDueJobId: string | null;
  readonly countedAt: Date;
  readonly workers: number;
  /** How many handlers all workers together can run at once, except those that are draining. */
  readonly slots: number;
  /** Tasks that no living worker handles, with a job that has been due for thirty seconds or more; longest due first. */
  readonly unhandled: readonly UnhandledTask[];
}

export interface UnhandledTask {
  readonly task: string;
  /** When its oldest job became due. */
  readonly oldestDueAt: Date;
}

export interface StatReport {
  readonly asOf: Date;
  readonly stepSeconds: number;
  /** Which processes the points cover: the last minute only this one, longer spans all of them. */
  readonly of: "process" | "fleet";
  /** Oldest first, including steps in which nothing happened. */
  readonly points: readonly StatPoint[];
  readonly now: StatNow;
}

export interface FleetReportParts {
  readonly shelf: StatShelf;
  readonly clock: Clock;
  gauges(): Promise<Gauges>;
  workers(): Promise<readonly WorkerRecord[]>;
  /** Whether other processes may share the database. */
  readonly isShared: boolean;
}

const STEPS: Readonly<Record<FleetSpan, readonly [span: "minute" | "hour", stepMs: number, steps: number]>> =
  {
    "1h": ["minute", MINUTE_MS, 60],
    "24h": ["hour", HOUR_MS, 24],
    "30d": ["hour", HOUR_MS, 720],
  };
/** The database is counted again after this long, or after twenty times what it took, whichever is longer. */
const FRESH_MS = 5_000;
const SHARE = 20;
/** A living worker takes what is due within a moment; one that has just started needs a little longer. */
export const TAKEN_WITHIN_MS = 30_000;

/** What all processes together have written down. */
export class FleetReports {
  readonly #parts: FleetReportParts;
  #counted:
    | {
        readonly now: Omit<StatNow, "oldestDueSeconds">;
        readonly oldestAt: number | undefined;
        readonly until: number;
      }
    | undefined;

  constructor(parts: FleetReportParts) {
    this.#parts = parts;
  }

  /** @param task only of this one; of all where it is empty. */
  async report(span: FleetSpan, task: string): Promise<StatReport> {
    const asOf = new Date(this.#parts.clock.now());
    const [kind, stepMs, steps] = STEPS[span];
    const first = floor(asOf.getTime(), stepMs) - (steps - 1) * stepMs;
    const counts = new Map<number, Counts>();
    for (const row of await this.#parts.shelf.since(kind, first, task))
      counts.set(row.bucketAt, sum(counts.get(row.bucketAt) ?? NOTHING, countsIn(row)));
    const points = Array.from({ length: steps }, (_, step) => {
      const at = first + step * stepMs;
      return pointOf({ at, counts: counts.get(at) ?? NOTHING });
    });
    return { asOf, stepSeconds: stepMs / 1_000, of: "fleet", points, now: await this.now() };
  }

  async now(): Promise<StatNow> {
    const at = this.#parts.clock.now();
    if (!this.#counted || at >= this.#counted.until) this.#counted = await this.#count(at);
    const { now, oldestAt } = this.#counted;
    return { ...now, oldestDueSeconds: oldestAt === undefined ? null : Math.max(0, at - oldestAt) / 1_000 };
  }

  async #count(at: number) {
    const begun = performance.now();
    const { jobs, due } = await this.#parts.gauges();
    const workers = await this.#parts.workers();
    const took = performance.now() - begun;
    const slots = workers.reduce((all, worker) => all + (isDraining(worker) ? 0 : worker.concurrency), 0);
    const living = workers.filter((worker) => mayLive(worker, at, this.#parts.isShared));
    const unhandled = due
      .filter(({ oldestAt }) => at - oldestAt >= TAKEN_WITHIN_MS)
      .filter(({ task }) => !living.some(({ tasks }) => tasks.includes(task)))
      .map(({ task, oldestAt }) => ({ task, oldestDueAt: new Date(oldestAt) }));
    const oldestDueJobId = due[0]?.jobId ?? null;
    const now = { jobs, oldestDueJobId, countedAt: new Date(at), workers: workers.length, slots, unhandled };
    return { now, oldestAt: due[0]?.oldestAt, until: at + Math.max(FRESH_MS, SHARE * took) };
  }
}

export function pointOf({ at, counts }: Second): StatPoint {
  const { waits, attempts, ...rest } = counts;
  return { at: new Date(at), ...rest, waitMs: quantilesOf(waits), attemptMs: quantilesOf(attempts) };
}

export function isAtLeast(jobs: number): boolean {
  return jobs >= MOST_COUNTED;
}

export function quantilesOf(buckets: readonly number[]): Quantiles {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(buckets, share));
  if (p50 === undefined || p95 === undefined || p99 === undefined) return null;
  return { p50: p50 * 1_000, p95: p95 * 1_000, p99: p99 * 1_000 };
}
