import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Parking } from "../../store/parking.ts";

export interface HeldLaneParts {
  readonly parking: Pick<Parking, "park" | "unpark">;
  readonly clock: Clock;
  readonly instrument: Instrument;
  /** There is work to claim. */
  readonly wake: () => void;
}

/** As many as the store parks, or lets in, in one transaction. */
const AT_ONCE = 500;

/** Takes what waits for an endpoint out of the claim, and lets it in again, in batches that hold nobody up. */
export class HeldLanes {
  readonly #parts: HeldLaneParts;
  readonly #underway = new Set<Promise<void>>();
  #isStopped = false;

  constructor(parts: HeldLaneParts) {
    this.#parts = parts;
  }

  /** If this process ends in between, the process that claims the rest parks it. */
  park(lane: string, reason: string): void {
    const { parking, clock } = this.#parts;
    this.#inBatches(() => parking.park(lane, reason, AT_ONCE, clock.now()));
  }

  /** Lets at most `count` in, those due first first; how many. */
  async letIn(lane: string, count: number): Promise<number> {
    const { parking, clock, wake } = this.#parts;
    let left = count;
    while (left > 0) {
      const limit = Math.min(left, AT_ONCE);
      const unparked = await parking.unpark(lane, limit, clock.now());
      left -= unparked;
      if (unparked > 0) wake();
      if (unparked < limit || this.#isStopped) break;
      await nextTurn();
    }
    return count - left;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#underway);
  }

  #inBatches(batch: () => Promise<number>): void {
    const run = async () => {
      while (!this.#isStopped && (await batch()) === AT_ONCE) await nextTurn();
    };
    const running = run().catch((error: unknown) => {
      this.#parts.instrument["step.failed"].publish({ step: "watch endpoints", error });
    });
    this.#underway.add(running);
    void running.then(() => this.#underway.delete(running));
  }
}
