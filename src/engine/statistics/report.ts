import type { Clock } from "../../core/clock.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { type Counts, NOTHING, quantile, sum } from "../../observe/metrics/counts.ts";
import { type Gauges, MOST_COUNTED } from "../../store/facts.ts";
import type { StatShelf } from "../../store/shelves/stats.ts";
import { countsIn, floor, HOUR, MINUTE, type Second, type Statistics } from "./statistics.ts";

export const SPANS = ["1m", "1h", "24h", "30d"] as const;
export type Span = (typeof SPANS)[number];

/** How much happened in one step of time, and how long it took, in milliseconds, as far as anything did. */
export interface StatPoint extends Omit<Counts, "waits" | "attempts"> {
  readonly at: Date;
  readonly waitMs: Quantiles;
  readonly attemptMs: Quantiles;
}

export type Quantiles = { readonly p50: number; readonly p95: number; readonly p99: number } | null;

/** How full the database is, as it was counted last. */
export interface StatNow {
  readonly jobs: Gauges["jobs"];
  readonly oldestDueSeconds: number | null;
  readonly countedAt: Date;
  readonly workers: number;
  /** Handlers that all workers may have at work. */
  readonly slots: number;
}

export interface StatReport {
  readonly asOf: Date;
  readonly stepSeconds: number;
  /** Whose the points are: the last minute is this process's alone, longer spans are of all. */
  readonly of: "process" | "fleet";
  readonly points: readonly StatPoint[];
  readonly now: StatNow;
}

export interface StatReportParts {
  readonly statistics: Statistics;
  readonly shelf: StatShelf;
  readonly clock: Clock;
  gauges(): Promise<Gauges>;
  workers(): Promise<readonly { readonly concurrency: number }[]>;
}

const STEPS: Readonly<
  Record<Exclude<Span, "1m">, readonly [span: "minute" | "hour", stepMs: number, steps: number]>
> = {
  "1h": ["minute", MINUTE, 60],
  "24h": ["hour", HOUR, 24],
  "30d": ["hour", HOUR, 720],
};
const SECONDS = 60;
/** The database is counted again after this long, or after twenty times what it took, whichever is longer. */
const FRESH_MS = 5_000;
const SHARE = 20;

/** Statistics for people to look at. */
export class StatReports {
  readonly #parts: StatReportParts;
  #counted:
    | {
        readonly now: Omit<StatNow, "oldestDueSeconds">;
        readonly oldestAt: number | undefined;
        readonly until: number;
      }
    | undefined;

  constructor(parts: StatReportParts) {
    this.#parts = parts;
  }

  get live(): Pick<Statistics, "watch"> {
    return this.#parts.statistics;
  }

  /** @param task only of this one. Default: of all. The last minute is always of all. */
  async report(span: Span, task = ""): Promise<StatReport> {
    const asOf = new Date(this.#parts.clock.now());
    const now = await this.now();
    if (span === "1m") {
      const points = this.#parts.statistics.seconds(SECONDS).map(pointOf);
      return { asOf, stepSeconds: 1, of: "process", points, now };
    }
    const [kind, stepMs, steps] = STEPS[span];
    const first = floor(asOf.getTime(), stepMs) - (steps - 1) * stepMs;
    const counts = new Map<number, Counts>();
    for (const row of await this.#parts.shelf.since(kind, first, task))
      counts.set(row.bucketAt, sum(counts.get(row.bucketAt) ?? NOTHING, countsIn(row)));
    const points = Array.from({ length: steps }, (_, step) => {
      const at = first + step * stepMs;
      return pointOf({ at, counts: counts.get(at) ?? NOTHING });
    });
    return { asOf, stepSeconds: stepMs / 1_000, of: "fleet", points, now };
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
    const slots = workers.reduce((all, { concurrency }) => all + concurrency, 0);
    const now = { jobs, countedAt: new Date(at), workers: workers.length, slots };
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

function quantilesOf(buckets: readonly number[]): Quantiles {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(buckets, share));
  if (p50 === undefined || p95 === undefined || p99 === undefined) return null;
  return { p50: p50 * 1_000, p95: p95 * 1_000, p99: p99 * 1_000 };
}

/** Where a Posthorn keeps its statistics. Registered, so that every copy of this package finds them. */
export const STATISTICS = Symbol.for("posthorn.statistics");

/**
 * The statistics of a Posthorn, for its own surfaces.
 * @throws ConfigurationError for anything that neither `openPosthorn` nor `openTestPosthorn` made.
 */
export function statisticsOf(posthorn: object): StatReports {
  const reports: unknown = Reflect.get(posthorn, STATISTICS);
  if (reports) return reports as StatReports; // nothing else has this symbol
  throw new ConfigurationError("this is not a Posthorn; pass what openPosthorn returned");
}
