import { DEAD_AFTER_MS } from "../../engine/fleet/membership.ts";
import type { PublicWorker } from "../../engine/public-worker.ts";
import { nextRun } from "../../engine/schedules/cron.ts";
import type { Group } from "../../store/job-records.ts";
import type { PublicSchedule } from "../../tasks/public-schedule.ts";
import type { GroupAnswer, ScheduleAnswer, WorkerAnswer } from "../schemas/fleet.ts";
import { rfc3339, rfc3339OrNull } from "./rfc3339.ts";

/** A group as the API shows it. */
export function groupView({ id, createdAt, settledAt, ...counts }: Group): GroupAnswer {
  const { total, succeeded, failed, cancelled } = counts;
  return {
    group_id: id,
    total,
    succeeded,
    failed,
    cancelled,
    created_at: rfc3339(createdAt),
    settled_at: rfc3339OrNull(settledAt),
  };
}

/** A schedule as the API shows it. */
export function scheduleView({ timeZone, nextAt, lastAt, ...same }: PublicSchedule): ScheduleAnswer {
  return {
    ...same,
    time_zone: timeZone,
    next_at: nextAt?.toISOString() ?? null,
    next_runs: nextRuns(same.cron, timeZone, nextAt),
    last_at: lastAt?.toISOString() ?? null,
  };
}

const FORESEEN = 5;

function nextRuns(cron: string, timeZone: string, nextAt: Date | null): string[] {
  const runs: string[] = [];
  for (
    let at = nextAt?.getTime() ?? null;
    at !== null && runs.length < FORESEEN;
    at = nextRun(cron, timeZone, at)
  )
    runs.push(rfc3339(at));
  return runs;
}

/** A worker as the API shows it. */
export function workerView({
  id,
  machine,
  pid,
  concurrency,
  slotsHeld,
  running,
  claimsPerSecond,
  loopDelayMs,
  reportedAt,
  version,
  draining,
  drainAskedAt,
  startedAt,
  deadline,
  tasks,
}: PublicWorker): WorkerAnswer {
  const [host = ""] = machine.split(" "); // the rest tells boots and containers of one host apart
  return {
    worker_id: id,
    host,
    pid,
    concurrency,
    slots_held: slotsHeld,
    running,
    claims_per_second: claimsPerSecond === null ? null : Math.round(claimsPerSecond * 10) / 10,
    loop_delay_ms: loopDelayMs,
    reported_at: reportedAt?.toISOString() ?? null,
    version,
    draining,
    drain_asked_at: drainAskedAt?.toISOString() ?? null,
    tasks: [...tasks],
    started_at: startedAt.toISOString(),
    seen_at: rfc3339(deadline.getTime() - DEAD_AFTER_MS),
    deadline: deadline.toISOString(),
  };
}
