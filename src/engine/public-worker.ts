import { dateOf } from "../core/instant.ts";
import type { WorkerReport } from "../store/shelves/worker-reports.ts";
import type { WorkerRecord } from "../store/worker-record.ts";
import { isDraining } from "./fleet/liveness.ts";
import { HEARTBEAT_MS } from "./fleet/membership.ts";

/** A process that claims and runs jobs, as others see it. */
export interface PublicWorker {
  readonly id: string;
  /** The machine it runs on (more exactly, the pid namespace). */
  readonly machine: string;
  readonly pid: number;
  readonly startedAt: Date;
  /** Until when its jobs are safe from other workers; it extends this while it is alive. */
  readonly deadline: Date;
  /** How many handlers it runs at once. */
  readonly concurrency: number;
  /** How many slots are held by handlers that are still running ten seconds or more after their attempts were given up. */
  readonly slotsHeld: number;
  /** How many handlers it runs; null while it reports nothing, like an idle worker on SQLite. */
  readonly running: number | null;
  /** How many jobs it claims per second; null likewise. */
  readonly claimsPerSecond: number | null;
  /** The 99th percentile of its event loop's delay, in milliseconds; null while it is idle, too. */
  readonly loopDelayMs: number | null;
  /** When it reported these numbers; null if it never did. */
  readonly reportedAt: Date | null;
  /** Posthorn's version. */
  readonly version: string;
  /** Whether it claims no more jobs and only finishes those that it runs, because it is stopping or was asked to drain. */
  readonly draining: boolean;
  /** When somebody asked it to drain, which it begins within five seconds; null if nobody has. */
  readonly drainAskedAt: Date | null;
  /** The names of the tasks that it handles; empty while it drains. */
  readonly tasks: readonly string[];
}

/** Older reports say nothing about now: a worker reports with every heartbeat while it has work. */
const FRESH_MS = 3 * HEARTBEAT_MS;

export function publicWorker(
  worker: WorkerRecord,
  report: WorkerReport | undefined,
  now: number,
): PublicWorker {
  const { startedAt, deadline, ...same } = worker;
  const fresh = report && now - report.reportedAt <= FRESH_MS ? report : undefined;
  return {
    ...same,
    running: fresh?.running ?? null,
    claimsPerSecond: fresh && fresh.windowMs > 0 ? (1_000 * fresh.claimed) / fresh.windowMs : null,
    loopDelayMs: fresh?.loopDelayMs ?? null,
    reportedAt: dateOrNull(report?.reportedAt ?? null),
    draining: isDraining(worker),
    drainAskedAt: dateOrNull(report?.drainAskedAt ?? null),
    startedAt: dateOf(startedAt),
    deadline: dateOf(deadline),
  };
}

function dateOrNull(at: number | null): Date | null {
  return at === null ? null : dateOf(at);
}
