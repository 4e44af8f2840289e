import type { BulkFilter } from "../../engine/bulk/bulk-request.ts";
import type { PublicBulkRun } from "../../engine/bulk/bulk-view.ts";
import type { BulkPreview } from "../../engine/bulk/preview.ts";
import { fieldNamed } from "../request/request-error.ts";
import type { BulkAnswer } from "../schemas/bulk.ts";
import { rfc3339, rfc3339OrNull } from "./rfc3339.ts";

export function bulkView(run: PublicBulkRun): BulkAnswer {
  const { id, action, state, reason, pace, matched, done, failed, skipped, remaining, actor, note } = run;
  return {
    ...{ id, action, state, reason, filter: filterView(run.filter), what: run.what },
    ...{
      tenant: run.tenantId,
      pace,
      matched,
      done,
      failed,
      skipped: { ...skipped },
      rate: run.rate === null ? null : Math.round(run.rate * 10) / 10,
      remaining: remaining && { n: remaining.n, at_least: remaining.atLeast, seconds: remaining.seconds },
      actor,
      note,
      job_id: run.jobId,
    },
    starts_at: rfc3339(run.startsAt),
    created_at: rfc3339(run.createdAt),
    updated_at: rfc3339(run.updatedAt),
    ended_at: rfc3339OrNull(run.endedAt),
  };
}

export function previewView({ matched, filter, ...same }: BulkPreview) {
  return {
    dry_run: true,
    matched: { n: matched.n, at_least: matched.atLeast },
    ...same,
    filter: filterView(filter),
  };
}

/** Named as the API names things, times and durations as it writes them. */
function filterView({ durationFrom, ...same }: BulkFilter): BulkAnswer["filter"] {
  const filter = { ...same, ...(typeof durationFrom === "number" && { durationFrom: `${durationFrom}ms` }) };
  const named = Object.entries(filter).map(([name, value]) => [
    fieldNamed(name),
    value instanceof Date ? rfc3339(value) : value,
  ]);
  return Object.fromEntries(named) as BulkAnswer["filter"]; // the schema has the same members
}
