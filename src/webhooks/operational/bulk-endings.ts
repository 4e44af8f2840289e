import { dateOf, dateOrNull } from "../../core/instant.ts";
import type { Endings } from "../../engine/bulk/bulk-ending.ts";
import type { Announcements } from "./announcements.ts";

/** Tells operators how bulk runs ended. */
export function bulkEndings(announcements: Pick<Announcements, "about">): Endings {
  return async (tenant) => {
    const announce = await announcements.about(tenant);
    if (!announce) return undefined;
    return (run) => {
      const { id, action, state, matched, done, failed, actor, note, createdAt, endedAt } = run;
      return announce("posthorn.bulk.ended", null, {
        ...{ bulk_id: id, action, state, reason: state === "paused" ? run.reason : null },
        ...{ matched, done, failed, skipped: JSON.parse(run.skipped) as Record<string, number>, actor, note },
        created_at: dateOf(createdAt).toISOString(),
        ended_at: dateOrNull(endedAt)?.toISOString() ?? null,
      });
    };
  };
}
