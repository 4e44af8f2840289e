import type { Tries } from "../../../core/job.ts";

/** Where a live job waits for its turn. */
export interface Place {
  readonly priority: number;
  readonly lane: string;
}

/** What a live job carries through ready, scheduled and leases, as these tables name it. */
export interface Live extends Tries, Place {
  /** When a worker first took it. */
  readonly started_at: number | null;
}
