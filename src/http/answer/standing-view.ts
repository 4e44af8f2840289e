import type { Standing } from "../../engine/standing.ts";
import type { StandingAnswer } from "../schemas/task-job.ts";
import { rfc3339OrNull } from "./rfc3339.ts";

/** @param standing undefined for a job that has just been deleted. */
export function standingView(standing: Standing | undefined): StandingAnswer {
  const { concurrency, rate } = standing?.limits ?? {};
  return {
    worker_id: standing?.worker ?? null,
    leased_at: rfc3339OrNull(standing?.leasedAt ?? null),
    times_out_at: rfc3339OrNull(standing?.timesOutAt ?? null),
    lane_running: standing?.running ?? 0,
    lane_concurrency: concurrency ?? null,
    lane_rate: rate ? { limit: rate.limit, per_ms: rate.perMs } : null,
    before: standing?.before ?? null,
    next_place_at: rfc3339OrNull(standing?.nextPlaceAt ?? null),
  };
}
