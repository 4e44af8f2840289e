import type { Tries } from "../../../core/job.ts";

/** What a live job carries through ready, scheduled and leases, as these tables name it. */
export interface Live extends Tries {
  readonly priority: number;
  readonly lane: string;
  /** When a worker first took it. */
  readonly started_at: number | null;
}
