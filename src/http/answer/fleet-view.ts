import { DEAD_AFTER_MS } from "../../engine/fleet/membership.ts";
import type { Group } from "../../store/job-records.ts";
import type { Schedule } from "../../store/shelves/schedules.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
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
export function scheduleView({
  name,
  cron,
  timeZone,
  missed,
  job,
  paused,
  nextAt,
  lastAt,
}: Schedule): ScheduleAnswer {
  return {
    name,
    cron,
    time_zone: timeZone,
    missed,
    task: job.task,
    lane: job.lane,
    paused,
    next_at: rfc3339OrNull(paused ? null : nextAt),
    last_at: rfc3339OrNull(lastAt),
  };
}

/** A worker as the API shows it. */
export function workerView({
  id,
  machine,
  pid,
  concurrency,
  slotsHeld,
  version,
  startedAt,
  deadline,
}: WorkerRecord): WorkerAnswer {
  const [host = ""] = machine.split(" "); // the rest tells boots and containers of one host apart
  return {
    worker_id: id,
    host,
    pid,
    concurrency,
    slots_held: slotsHeld,
    version,
    started_at: rfc3339(startedAt),
    seen_at: rfc3339(deadline - DEAD_AFTER_MS),
    deadline: rfc3339(deadline),
  };
}
