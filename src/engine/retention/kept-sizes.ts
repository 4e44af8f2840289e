import type { Clock } from "../../core/clock.ts";
import type { Retention } from "../../store/retention.ts";
import type { RetentionSizes } from "./retention-periods.ts";

export interface KeptSizesParts extends Pick<RetentionSizes, "succeededBytes" | "failedBytes"> {
  readonly retention: Pick<Retention, "weigh">;
  readonly clock: Clock;
  /** Resolves when others have had their turn; whether to go on. */
  pause(): Promise<boolean>;
}

/** Jobs of this kind that were created up to this time exceed the size limit; 0 if none do. */
export type MadeBefore = Readonly<Record<"succeeded" | "failed", number>>;

/** Few enough that a page takes about a millisecond. */
const PAGE = 250;
const EVERY_MS = 10 * 60_000;
/** The pause between two measurements is this many times as long as the first one took. */
const REST = 10;

/**
 * For each kind of finished jobs, finds the time before which jobs exceed the size limit and need not be kept. Measures all of them, a page
 * at a time, every ten minutes, or less often if that takes long.
 */
export class KeptSizes {
  readonly #parts: KeptSizesParts;
  #weighAt = 0;

  constructor(parts: KeptSizesParts) {
    this.#parts = parts;
  }

  /** Undefined where there is nothing to do now. */
  async weigh(): Promise<MadeBefore | undefined> {
    const { succeededBytes, failedBytes, clock } = this.#parts;
    const begun = clock.now();
    if ((succeededBytes === undefined && failedBytes === undefined) || begun < this.#weighAt)
      return undefined;
    const bounds = await this.#bounds();
    this.#weighAt = clock.now() + Math.max(EVERY_MS, REST * (clock.now() - begun));
    return bounds;
  }

  async #bounds(): Promise<MadeBefore | undefined> {
    const { retention, pause } = this.#parts;
    const { succeededBytes = Infinity, failedBytes = Infinity } = this.#parts;
    const room = { succeeded: succeededBytes, failed: failedBytes };
    const bounds = { succeeded: 0, failed: 0 };
    const isOver = (kind: "succeeded" | "failed") => room[kind] < 0 || room[kind] === Infinity;
    let after: string | null = null;
    while (!isOver("succeeded") || !isOver("failed")) {
      const page = await retention.weigh(after, PAGE);
      for (const { createdAt, hasSucceeded, bytes } of page) {
        const kind = hasSucceeded ? "succeeded" : "failed";
        if (isOver(kind)) continue;
        room[kind] -= bytes;
        if (room[kind] < 0) bounds[kind] = createdAt + 1;
      }
      after = page.at(-1)?.mark ?? null;
      if (page.length < PAGE) break;
      if (!(await pause())) return undefined;
    }
    return bounds;
  }
}
