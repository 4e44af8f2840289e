import {
  isAtLeast,
  type StatNow,
  type StatPoint,
  type StatReport,
} from "../../engine/statistics/fleet-reports.ts";
import type { EndpointStatReport } from "../../webhooks/endpoints/endpoint-stats.ts";
import type { EndpointStatsAnswer, StatsAnswer } from "../schemas/stats.ts";
import { rfc3339 } from "./rfc3339.ts";

export function statsView({ asOf, stepSeconds, of, points, now }: StatReport): StatsAnswer {
  return {
    as_of: rfc3339(asOf),
    step_seconds: stepSeconds,
    of,
    points: points.map(statPointView),
    now: statNowView(now),
  };
}

export function statPointView({
  at,
  waitMs,
  attemptMs,
  ...counts
}: StatPoint): StatsAnswer["points"][number] {
  return { at: rfc3339(at), ...counts, wait_ms: waitMs, attempt_ms: attemptMs };
}

export function statNowView({
  jobs,
  oldestDueSeconds,
  oldestDueJobId,
  countedAt,
  workers,
  slots,
  unhandled,
}: StatNow): StatsAnswer["now"] {
  const { failed, ...others } = jobs;
  return {
    ...others,
    failed: { n: failed, at_least: isAtLeast(failed) },
    at_least: Object.values(jobs).some(isAtLeast),
    oldest_due_seconds: oldestDueSeconds,
    oldest_due_job_id: oldestDueJobId,
    counted_at: rfc3339(countedAt),
    workers,
    slots,
    unhandled: unhandled.map(({ task, oldestDueAt }) => ({ task, oldest_due_at: rfc3339(oldestDueAt) })),
  };
}

export function endpointStatsView({ asOf, stepSeconds, points }: EndpointStatReport): EndpointStatsAnswer {
  return {
    as_of: rfc3339(asOf),
    step_seconds: stepSeconds,
    points: points.map(({ at, attemptMs, ...counts }) => ({
      ...{ at: rfc3339(at), ...counts },
      attempt_ms: attemptMs,
    })),
  };
}
