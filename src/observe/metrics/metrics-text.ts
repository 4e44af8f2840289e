import { readdirSync } from "node:fs";
import { innerPart } from "../../core/inner-part.ts";
import { METRICS } from "./catalogue.ts";
import { DatabaseMetrics, type DatabaseSources } from "./database-metrics.ts";
import type { EndpointMeters } from "./endpoint-meters.ts";
import { Exposition, type Format } from "./exposition.ts";
import type { Meters } from "./meters.ts";
import { RuntimeWatch } from "./runtime-watch.ts";

/** What the doctor found, as far as it is a metric. */
export interface FoundLast {
  readonly findings: readonly { readonly check: string; readonly level: (typeof LEVELS)[number] }[];
  readonly storage: readonly { readonly part: string; readonly bytes: number }[];
  readonly freeDiskBytes: number | null;
}

export interface MetricSources extends DatabaseSources {
  readonly meters: Meters;
  /** Only where endpoints are told of. */
  readonly endpointMeters?: EndpointMeters | undefined;
  readonly version: string;
  /** `sqlite` or `postgres`. */
  readonly store: string;
  /** How many handlers may be at work; 0 where none are run. */
  readonly slots: number;
  isDraining(): boolean;
  /** What the doctor found last; undefined before its first look. */
  findings(): FoundLast | undefined;
}

const LEVELS = ["ok", "warn", "bad"] as const;

/** All metrics of this process as text. */
export class MetricsText {
  readonly #sources: MetricSources;
  readonly #database: DatabaseMetrics;
  readonly #watch = new RuntimeWatch();

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.#database = new DatabaseMetrics(sources);
  }

  /** How many handlers run in this process. */
  get running(): number {
    return this.#sources.meters.running;
  }

  async text(format: Format): Promise<string> {
    const out = new Exposition(format);
    this.#jobs(out);
    this.#endpoints(out);
    this.#process(out);
    await this.#database.write(out);
    this.#findings(out);
    return out.text();
  }

  stop(): void {
    this.#watch.stop();
  }

  #jobs(out: Exposition): void {
    const { meters } = this.#sources;
    const tasks = [...meters.tasks];
    const each = (metric: (typeof METRICS)["accepted"], of: (task: (typeof tasks)[number][1]) => number) => {
      out.describe(metric);
      for (const [task, counts] of tasks) out.value(metric, of(counts), { task });
    };
    each(METRICS.accepted, ({ accepted }) => accepted);
    out.describe(METRICS.finished);
    for (const [task, counts] of tasks)
      for (const status of ["succeeded", "failed", "cancelled"] as const)
        out.value(METRICS.finished, counts[status], { task, status });
    out.describe(METRICS.attempts);
    for (const [task, { attempts, lost }] of tasks) {
      for (const [outcome, kinds] of attempts)
        for (const [kind, count] of kinds) out.value(METRICS.attempts, count, { task, outcome, class: kind });
      if (lost > 0) out.value(METRICS.attempts, lost, { task, outcome: "lost", class: "lost" });
    }
    each(METRICS.retries, ({ retries }) => retries);
    each(METRICS.replays, ({ replays }) => replays);
    each(METRICS.keyJoins, ({ keyJoins }) => keyJoins);
    out.describe(METRICS.waitSeconds);
    for (const [task, { waits }] of tasks)
      for (const turn of ["first", "later"] as const)
        out.histogram(METRICS.waitSeconds, waits[turn], { task, turn });
    out.describe(METRICS.attemptSeconds);
    for (const [task, { attemptSeconds }] of tasks)
      for (const [outcome, seconds] of attemptSeconds)
        out.histogram(METRICS.attemptSeconds, seconds, { task, outcome });
    out.describe(METRICS.endToEndSeconds);
    for (const [task, { endToEnd }] of tasks) out.histogram(METRICS.endToEndSeconds, endToEnd, { task });
  }

  #endpoints(out: Exposition): void {
    const { endpointMeters } = this.#sources;
    if (!endpointMeters) return;
    out.describe(METRICS.endpointAttempts);
    for (const [endpoint, attempts] of endpointMeters.worst())
      for (const outcome of ["succeeded", "failed"] as const)
        out.value(METRICS.endpointAttempts, attempts[outcome], { endpoint, outcome });
  }

  #process(out: Exposition): void {
    const { meters, slots, version, store, isDraining } = this.#sources;
    out.describe(METRICS.refused);
    for (const [reason, count] of meters.refused) out.value(METRICS.refused, count, { reason });
    out.describe(METRICS.pruned);
    for (const [table, count] of meters.pruned) out.value(METRICS.pruned, count, { table });
    for (const [metric, value] of [
      [METRICS.leasesLost, meters.leasesLost],
      [METRICS.lateSettles, meters.lateResults],
      [METRICS.running, meters.running],
      [METRICS.slots, slots],
      [METRICS.streams, meters.streams],
      [METRICS.draining, isDraining() ? 1 : 0],
    ] as const) {
      out.describe(metric);
      out.value(metric, value);
    }
    for (const [metric, histogram] of [[METRICS.acceptSeconds, meters.acceptSeconds]] as const) {
      out.describe(metric);
      out.histogram(metric, histogram);
    }
    const commits = Object.entries(meters.commits);
    out.describe(METRICS.commitSeconds);
    for (const [kind, { seconds }] of commits) out.histogram(METRICS.commitSeconds, seconds, { kind });
    out.describe(METRICS.commitJobs);
    for (const [kind, { jobs }] of commits) out.histogram(METRICS.commitJobs, jobs, { kind });
    out.describe(METRICS.bulkJobs);
    for (const [action, results] of meters.bulkJobs)
      for (const [result, count] of results) out.value(METRICS.bulkJobs, count, { action, result });
    out.describe(METRICS.requestSeconds);
    for (const [route, methods] of meters.requests)
      for (const [method, codes] of methods)
        for (const [code, seconds] of codes)
          out.histogram(METRICS.requestSeconds, seconds, { route, method, code });
    this.#runtime(out);
    out.describe(METRICS.build);
    out.value(METRICS.build, 1, { version, node: process.version, store });
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    for (const [metric, value] of [
      [METRICS.cpuSeconds, (user + system) / 1e6],
      [METRICS.residentBytes, rss],
      [METRICS.startedAt, performance.timeOrigin / 1_000],
      [METRICS.externalBytes, external],
      [METRICS.heapUsed, heapUsed],
      [METRICS.heapTotal, heapTotal],
    ] as const) {
      out.describe(metric);
      out.value(metric, value);
    }
  }

  #runtime(out: Exposition): void {
    out.describe(METRICS.loopDelay);
    for (const [quantile, seconds] of this.#watch.loopDelay())
      out.value(METRICS.loopDelay, seconds, { quantile });
    out.describe(METRICS.gcSeconds);
    for (const [kind, seconds] of this.#watch.gcSeconds) out.histogram(METRICS.gcSeconds, seconds, { kind });
    this.#watch.start();
    const open = openFiles();
    if (open === undefined) return;
    out.describe(METRICS.openFiles);
    out.value(METRICS.openFiles, open);
  }

  /** What the last look of the doctor found. */
  #findings(out: Exposition): void {
    const found = this.#sources.findings();
    if (!found) return;
    out.describe(METRICS.dbFinding);
    for (const [check, level] of worstByCheck(found.findings)) out.value(METRICS.dbFinding, level, { check });
    out.describe(METRICS.dbBytes);
    for (const { part, bytes } of found.storage) out.value(METRICS.dbBytes, bytes, { part });
    if (found.freeDiskBytes === null) return;
    out.describe(METRICS.dbFreeBytes);
    out.value(METRICS.dbFreeBytes, found.freeDiskBytes);
  }
}

function worstByCheck(findings: FoundLast["findings"]): ReadonlyMap<string, number> {
  const worst = new Map<string, number>();
  for (const { check, level } of findings)
    worst.set(check, Math.max(worst.get(check) ?? 0, LEVELS.indexOf(level)));
  return worst;
}

/** Undefined where the system does not tell. */
function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

/** Where a Posthorn keeps its metrics. */
export const METRICS_TEXT = Symbol.for("posthorn.metrics");

/** The metrics of a Posthorn, for its own surfaces. */
export function metricsOf(posthorn: object): MetricsText {
  return innerPart(posthorn, METRICS_TEXT);
}

/** What an Accept header asks for: OpenMetrics where it is named, the older format otherwise. */
export function formatOf(accept: string | null): Format {
  return accept?.includes("application/openmetrics-text") ? "openmetrics" : "prometheus";
}
