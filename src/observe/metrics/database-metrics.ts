import type { Clock } from "../../core/clock.ts";
import { METRICS } from "./catalogue.ts";
import type { Exposition } from "./exposition.ts";

/** What the database says of itself. */
export interface Gauges {
  /** How many there are in each state. */
  readonly jobs: Readonly<Record<string, number>>;
  readonly due: readonly { readonly task: string; readonly oldestAt: number }[];
}

export interface DatabaseSources {
  readonly clock: Clock;
  gauges(): Promise<Gauges>;
  /** How many workers the database knows. */
  workers(): Promise<Readonly<Record<string, number>>>;
  /** How many endpoints there are, by state. */
  endpoints(): Promise<Readonly<Record<string, number>>>;
  schedules(): Promise<readonly ScheduleDue[]>;
  /** Since when the oldest delivery is due, for the endpoints where it has waited longest; only if endpoints are reported. */
  readonly endpointsDue?: (() => Promise<readonly EndpointDue[]>) | undefined;
}

interface EndpointDue {
  readonly endpoint: string;
  readonly oldestAt: number;
}

interface ScheduleDue {
  readonly name: string;
  readonly paused: boolean;
  readonly nextAt: number | null;
}

interface Counted {
  readonly at: number;
  readonly until: number;
  readonly gauges: Gauges;
  readonly workers: Readonly<Record<string, number>>;
  readonly endpoints: Readonly<Record<string, number>>;
  readonly schedules: readonly ScheduleDue[];
  readonly endpointsDue: readonly EndpointDue[] | undefined;
}

/** The database is asked again after this long, or after twenty times what it took, whichever is longer. */
const FRESH_MS = 15_000;
const SHARE = 20;
/** Names are labels; tasks and schedules after the first hundred are reported together. */
const MOST_NAMES = 100;
const OTHERS = "other";

/** Metrics that are the same from each process. They are left out while the database does not answer; all others are still reported. */
export class DatabaseMetrics {
  readonly #sources: DatabaseSources;
  #counted: Counted | undefined;

  constructor(sources: DatabaseSources) {
    this.#sources = sources;
  }

  async write(out: Exposition): Promise<void> {
    const now = this.#sources.clock.now();
    try {
      if (!this.#counted || now >= this.#counted.until) this.#counted = await this.#count(now);
    } catch {
      return;
    }
    const { at, gauges, workers, endpoints, schedules, endpointsDue } = this.#counted;
    out.describe(METRICS.dbJobs);
    for (const [state, count] of Object.entries(gauges.jobs)) out.value(METRICS.dbJobs, count, { state });
    out.describe(METRICS.dbOldestDue);
    const due = gauges.due.map(({ task, oldestAt }) => [task, Math.max(0, now - oldestAt) / 1_000] as const);
    for (const [task, seconds] of byName(due)) out.value(METRICS.dbOldestDue, seconds, { task });
    out.describe(METRICS.dbWorkers);
    for (const [state, count] of Object.entries(workers)) out.value(METRICS.dbWorkers, count, { state });
    out.describe(METRICS.dbEndpoints);
    for (const [state, count] of Object.entries(endpoints)) out.value(METRICS.dbEndpoints, count, { state });
    out.describe(METRICS.dbScheduleLate);
    for (const [schedule, late] of lateOf(schedules, at))
      out.value(METRICS.dbScheduleLate, late, { schedule });
    if (endpointsDue) {
      out.describe(METRICS.endpointOldestDue);
      for (const { endpoint, oldestAt } of endpointsDue)
        out.value(METRICS.endpointOldestDue, Math.max(0, now - oldestAt) / 1_000, { endpoint });
    }
    out.describe(METRICS.dbCountedAt);
    out.value(METRICS.dbCountedAt, at / 1_000);
  }

  async #count(now: number): Promise<Counted> {
    const begun = performance.now();
    const [gauges, workers, endpoints, schedules, endpointsDue] = await Promise.all([
      this.#sources.gauges(),
      this.#sources.workers(),
      this.#sources.endpoints(),
      this.#sources.schedules(),
      this.#sources.endpointsDue?.(),
    ]);
    const took = performance.now() - begun;
    const until = now + Math.max(FRESH_MS, SHARE * took);
    return { at: now, until, gauges, workers, endpoints, schedules, endpointsDue };
  }
}

/** By how many seconds each was late when they were read. A paused schedule is never late. */
function lateOf(schedules: readonly ScheduleDue[], at: number): ReadonlyMap<string, number> {
  return byName(
    schedules.map(({ name, paused, nextAt }) => [
      name,
      paused || nextAt === null ? 0 : Math.max(0, at - nextAt) / 1_000,
    ]),
  );
}

/** What each has; of those that are reported together, the largest. */
function byName(all: readonly (readonly [name: string, seconds: number])[]): ReadonlyMap<string, number> {
  const named = new Map<string, number>();
  for (const [name, seconds] of all) {
    const label = named.size < MOST_NAMES ? name : OTHERS;
    named.set(label, Math.max(named.get(label) ?? 0, seconds));
  }
  return named;
}
