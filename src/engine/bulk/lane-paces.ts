import type { Found } from "./bulk-source.ts";

/** Jobs a second and lane, where a run says nothing else. */
export const DEFAULT_PACE = 50;
export const MOST_PACE = 10_000;

/** How many jobs of each lane a run may still take in this second. */
export class LanePaces {
  readonly #pace: number;
  readonly #rateOf: (lane: string) => Promise<number | undefined>;
  readonly #left = new Map<string, number>();

  /** @param pace null for the default. @param rateOf what a lane allows by itself. */
  constructor(pace: number | null, rateOf: (lane: string) => Promise<number | undefined>) {
    this.#pace = pace ?? DEFAULT_PACE;
    this.#rateOf = rateOf;
  }

  /** The first of these for which there is room, up to one of a lane that has had its share: nothing is passed over. */
  async take(found: readonly Found[]): Promise<readonly Found[]> {
    for (const [at, { lane, decision }] of found.entries()) {
      if (decision.kind === "skip" || decision.kind === "cancel") continue;
      const left = this.#left.get(lane) ?? (await this.#shareOf(lane));
      if (left <= 0) return found.slice(0, at);
      this.#left.set(lane, left - 1);
    }
    return found;
  }

  async #shareOf(lane: string): Promise<number> {
    const rate = await this.#rateOf(lane);
    return rate === undefined ? this.#pace : Math.min(this.#pace, Math.max(1, Math.floor(rate)));
  }
}
