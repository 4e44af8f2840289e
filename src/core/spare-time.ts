import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

/** Unless the step says otherwise. */
const BUSY_SHARE = 0.6;
const LOOK_MS = 1;

/** Lets long work, done in small steps, take only what others leave of the event loop. */
export class SpareTime {
  readonly #longestWaitMs: number;
  #begun = performance.now();
  #use = performance.eventLoopUtilization();

  /** @param longestWaitMs however busy others keep the event loop, the next step waits no longer. */
  constructor(longestWaitMs: number) {
    this.#longestWaitMs = longestWaitMs;
  }

  /**
   * Resolves when the next step may begin: after at least as long as the last one took, which is long where the database is busy.
   * @param busyShare of the time since the last step began, for how much the event loop may have been busy, at most.
   */
  async forNextStep(busyShare = BUSY_SHARE): Promise<void> {
    const ended = performance.now();
    const leastMs = Math.min(ended - this.#begun, this.#longestWaitMs);
    do await sleep(LOOK_MS);
    while (performance.now() - ended < (this.#isBusier(busyShare) ? this.#longestWaitMs : leastMs));
    this.#begun = performance.now();
    this.#use = performance.eventLoopUtilization();
  }

  #isBusier(share: number): boolean {
    return performance.eventLoopUtilization(this.#use).utilization > share;
  }
}
