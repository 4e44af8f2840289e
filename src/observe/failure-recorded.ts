import type { OneJob } from "./events.ts";

/** A failed or lost attempt is on disk. */
export interface FailureRecorded extends OneJob {
  /** The id of the tenant that it belongs to. */
  readonly tenant: string | null;
  /** What it is grouped by. */
  readonly fingerprint: string;
  /** `5xx`, `timeout`, `error`, `lost`, …; null where nothing is known. */
  readonly kind: string | null;
  /** The message that is kept with the attempt. */
  readonly message: string;
}
