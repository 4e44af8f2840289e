import { durationText } from "../../core/duration.ts";
import type { Findings } from "../../engine/doctor/finding.ts";
import type { PruneResult } from "../../engine/retention/pruner.ts";
import type { FindingsAnswer, PruneAnswer, ReadyAnswer } from "../schemas/findings.ts";
import { rfc3339 } from "./rfc3339.ts";

export function findingsView(found: Findings): FindingsAnswer {
  const { checkedAt, worst, findings, storage, fullAt, freeDiskBytes, retention } = found;
  return {
    checked_at: rfc3339(checkedAt),
    worst,
    findings: findings.map((finding) => ({ ...finding })),
    storage: storage.map(({ part, bytes, bytesADay }) => ({ part, bytes, bytes_a_day: bytesADay })),
    full_at: fullAt === null ? null : rfc3339(fullAt),
    free_disk_bytes: freeDiskBytes,
    retention: {
      jobs: durationText(retention.jobsMs),
      succeeded: durationText(retention.succeededMs),
      failed: durationText(retention.failedMs),
      audit: durationText(retention.auditMs),
      most_bytes: retention.mostBytes ?? null,
      succeeded_bytes: retention.succeededBytes ?? null,
      failed_bytes: retention.failedBytes ?? null,
    },
  };
}

/** Findings in short: enough to alert somebody, and nothing about machines and files. */
export function complaintsView({ findings }: Findings): ReadyAnswer["findings"] {
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ check, level, title }) => ({ check, level, title }));
}

export function prunedView({ pruned, isComplete }: PruneResult): PruneAnswer {
  const named = Object.entries(pruned).map(([what, count]) => [what.replaceAll(" ", "_"), count]);
  return { pruned: Object.fromEntries(named), complete: isComplete };
}
