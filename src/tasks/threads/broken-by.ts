import { failedBy } from "../../core/failed-by.ts";
import type { AttemptDetail, Failed } from "../../core/outcome.ts";

/** What an attempt came to whose thread this broke. */
export function brokenBy(error: unknown): Failed & AttemptDetail {
  const failed = failedBy(error);
  return { ...failed, error: `the handler's thread ended before it did: ${failed.error}` };
}
