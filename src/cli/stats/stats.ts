import {
  FleetReports,
  type FleetSpan,
  isAtLeast,
  type Quantiles,
  type StatNow,
  type StatPoint,
} from "../../engine/statistics/fleet-reports.ts";
import { statsView } from "../../http/answer/stats-view.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, type Output, printJson } from "../terminal/io.ts";
import { printFields, printTable, shownSpan, shownTime } from "../terminal/table.ts";

export interface StatsOptions extends GlobalOptions {
  readonly span: FleetSpan;
  readonly task?: string;
}

const HEADINGS = [
  ...["TIME", "ACCEPTED", "SUCCEEDED", "FAILED", "CANCELLED", "RETRIED"],
  ...["WAIT P50/P95/P99", "ATTEMPT P50/P95/P99"],
];

/** Prints what all processes have counted, and how full the database is. */
export async function stats({ database, span, task = "", json }: StatsOptions, io: Io): Promise<void> {
  const report = await withExistingStore(database, (store) =>
    new FleetReports({
      ...{ shelf: store.stats, clock: store.clock },
      ...{ gauges: () => store.inspection.gauges(), workers: () => store.workers.list() },
      isShared: store.isShared,
    }).report(span, task),
  );
  if (json) {
    printJson(io.stdout, statsView(report));
    return;
  }
  const rows = report.points.filter(hasAnything).map(shownPoint);
  if (rows.length > 0) printTable(io.stdout, HEADINGS, rows);
  else io.stdout.write(`Nothing happened within ${span}${task && ` with ${task}`}.\n`);
  io.stdout.write("\n");
  printNow(report.now, io.stdout);
}

function hasAnything(point: StatPoint): boolean {
  const { accepted, succeeded, failed, cancelled, retried, waitMs, attemptMs } = point;
  return accepted + succeeded + failed + cancelled + retried > 0 || waitMs !== null || attemptMs !== null;
}

function shownPoint(point: StatPoint): string[] {
  const { at, accepted, succeeded, failed, cancelled, retried, waitMs, attemptMs } = point;
  return [
    shownTime(at.getTime()),
    ...[accepted, succeeded, failed, cancelled, retried].map(String),
    ...[waitMs, attemptMs].map(shownQuantiles),
  ];
}

function shownQuantiles(quantiles: Quantiles): string {
  if (quantiles === null) return "-";
  const { p50, p95, p99 } = quantiles;
  return [p50, p95, p99].map(shownSpan).join("/");
}

function printNow({ jobs, oldestDueSeconds, workers, slots, unhandled }: StatNow, output: Output): void {
  const counts = Object.entries(jobs).map(([state, n]) => `${isAtLeast(n) ? `${n - 1}+` : n} ${state}`);
  printFields(output, [
    ["jobs now", counts.join(", ")],
    ["oldest due", oldestDueSeconds === null ? "-" : shownSpan(Math.round(oldestDueSeconds) * 1_000)],
    ["workers", `${workers}, with ${slots} slots`],
    ["handled by none", unhandled.length === 0 ? "-" : unhandled.map(({ task }) => task).join(", ")],
  ]);
}
