import type { Clock } from "../../core/clock.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { Lanes } from "../lanes/lanes.ts";
import type { Pace } from "../lanes/pace.ts";
import type { Hand } from "./hand.ts";

export interface ExcessOptions {
  readonly hand: Hand;
  readonly lanes: Lanes;
  readonly clock: Clock;
  /** Called when a job stays here in any case. */
  readonly stays: (job: LeasedJob) => boolean;
  /** Called once some have gone back. */
  readonly wake: () => void;
}

/** Gives back waiting jobs that should rather be claimed by other workers, or later. This costs them no attempt. */
export class Excess {
  readonly #options: ExcessOptions;

  constructor(options: ExcessOptions) {
    this.#options = options;
  }

  /** Waiting jobs of a limited lane or tenant that may not start here: for workers where they may, or for later. */
  beyondLimits(): void {
    const { lanes, clock } = this.#options;
    const { limits } = lanes;
    if (!limits.isNeeded) return;
    const now = clock.now();
    this.beyond((lane) => lanes.mayWait(lane, now));
    if (!limits.tenants.isNeeded) return;
    this.#beyond(
      (lane) => limits.tenantOf(lane),
      (tenant) => lanes.mayWaitOfTenant(tenant, now),
    );
  }

  /** Of each lane, those that came last. */
  beyond(mayWait: (lane: string) => number, then?: () => void): void {
    this.#beyond((lane) => lane, mayWait, then);
  }

  /** Jobs that should have started soon, and did not. */
  stale(afterMs: number, pace: Pace): void {
    const stale = new Set(this.#options.hand.waitingFor(afterMs));
    for (const { lane } of stale) pace.waitedInVain(lane);
    if (stale.size > 0) this.all((job) => stale.has(job));
  }

  all(isExcess: (job: LeasedJob) => boolean, then = this.#options.wake): void {
    const { hand, stays } = this.#options;
    void hand.giveBack((job) => isExcess(job) && !stays(job)).then((some) => some && then());
  }

  #beyond(
    countedBy: (lane: string) => string | undefined,
    mayWait: (name: string) => number,
    then?: () => void,
  ): void {
    const counts = new Map<string, number>();
    this.all(({ lane }) => {
      const name = countedBy(lane);
      if (name === undefined) return false;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count > mayWait(name);
    }, then);
  }
}
