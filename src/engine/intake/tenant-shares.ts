import { OverloadedError } from "../../core/errors.ts";
import { MAX_WAITING_BYTES, MAX_WAITING_JOBS } from "./arrivals.ts";

/** Of the room for what waits, one tenant's events may take a quarter: its flood earns nobody else a refusal. */
const SHARE = 4;

interface Waiting {
  jobs: number;
  bytes: number;
}

/** How much of each tenant's events waits for a commit. */
export class TenantShares {
  readonly #waiting = new Map<string, Waiting>();

  /**
   * Takes room for an event and its jobs, until `release`. One that comes while nothing of its tenant waits always finds some.
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
