import type { AttemptDetail, Failed } from "../../core/outcome.ts";
import { failedBy } from "../../core/thrown/failed-by.ts";

/** What an attempt came to whose thread this broke. */
export function brokenBy(error: unknown): Failed & AttemptDetail {
  const failed = failedBy(error);
  return { ...failed, error: `the handler's thread ended before it did: ${failed.error}` };
}
