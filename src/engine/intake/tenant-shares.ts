import { OverloadedError } from "../../core/errors.ts";
import { MAX_WAITING_BYTES, MAX_WAITING_JOBS } from "./arrivals.ts";

/** One tenant's events may take a quarter of the room for waiting requests, so that its flood does not cause refusals for others. */
const SHARE = 4;

interface Waiting {
  jobs: number;
  bytes: number;
}

/** Counts how much of each tenant's events is waiting for a commit. */
export class TenantShares {
  readonly #waiting = new Map<string, Waiting>();

  /**
   * Reserves room for an event and its jobs until `release`. If nothing of its tenant is waiting, there is always room.
   * @throws OverloadedError when the tenant's share is used up.
   */
  take(tenant: string, jobs: number, bytes: number): void {
    const waiting = this.#waiting.get(tenant);
    if (!waiting) {
      this.#waiting.set(tenant, { jobs, bytes });
      return;
    }
    if (waiting.jobs + jobs > MAX_WAITING_JOBS / SHARE || waiting.bytes + bytes > MAX_WAITING_BYTES / SHARE)
      throw new OverloadedError(
        "too many events of this tenant are waiting for the database; try again shortly",
      );
    waiting.jobs += jobs;
    waiting.bytes += bytes;
  }

  release(tenant: string, jobs: number, bytes: number): void {
    const waiting = this.#waiting.get(tenant);
    if (!waiting) return;
    waiting.jobs -= jobs;
    waiting.bytes -= bytes;
    if (waiting.jobs <= 0) this.#waiting.delete(tenant);
  }
}
