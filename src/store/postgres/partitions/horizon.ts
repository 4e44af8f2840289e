import { DAY_MS } from "../../../core/duration.ts";
import { dayOf, firstUuidAt, timeOf } from "./partition-bounds.ts";

/** How long a wider horizon is kept. After that, a claim may need one more pass. */
const KEPT_MS = 60_000;

/**
 * How far back a claim looks for the rows of jobs. It cannot know before it runs which ones it will take, and would open the
 * partitions of all days: with thirty of them, a claim of 64 jobs took 0.2 ms longer. Most jobs are of today or yesterday; where
 * an older one is ready, the claim is told, and looks as far back as that one is old.
 */
export class Horizon {
  #reached = Number.POSITIVE_INFINITY;
  #keptUntil = 0;

  /** The first id that is looked for. */
  from(now: number): string {
    if (now >= this.#keptUntil) this.#reached = Number.POSITIVE_INFINITY;
    return firstUuidAt(Math.min(this.#reached, dayOf(now) - DAY_MS));
  }

  /** @param uuid of a job that is older. */
  reach(uuid: string, now: number): void {
    this.#reached = Math.min(this.#reached, dayOf(timeOf(uuid)));
    this.#keptUntil = now + KEPT_MS;
  }
}
