import type { BulkAction } from "./bulk-request.ts";
import type { Decision, Found } from "./bulk-source.ts";

/** Jobs a second and lane, where a run says nothing else. */
export const DEFAULT_PACE = 50;
export const MOST_PACE = 10_000;

const SECOND_MS = 1_000;
/** A second's jobs are taken in several parts, so that live traffic does not have to compete with all of them at once. */
const PART_MS = 200;
/** What goes to a single endpoint is spread over a part in steps, so that live traffic competes with only a few jobs at once. */
const STEP_MS = 100;

/** The pace of actions that send nothing, so that no receiver has to be spared. */
const UNPACED: ReadonlySet<string> = new Set(["skip", "cancel", "erase"] satisfies (
  | Decision["kind"]
  | BulkAction
)[]);

/** Whether an action is paced: whether it makes jobs due. */
export function isPaced(action: BulkAction): boolean {
  return !UNPACED.has(action);
}

/** Counts how many jobs of each lane a run may still take in the current part of a second. */
export class LanePaces {
  readonly #pace: number;
  readonly #rateOf: (lane: string) => Promise<number | undefined>;
  readonly #part: number;
  readonly #left = new Map<string, number>();
  /** Of all lanes. */
  #taken = 0;
  #isSkipping = false;

  /** @param pace null for the default. @param rateOf a lane's own rate. */
  constructor(pace: number | null, rateOf: (lane: string) => Promise<number | undefined>, now: number) {
    this.#pace = pace ?? DEFAULT_PACE;
    this.#rateOf = rateOf;
    this.#part = Math.floor(now / PART_MS);
  }

  /** When the next part begins. */
  get nextAt(): number {
    return (this.#part + 1) * PART_MS;
  }

  /** The most jobs of one lane that may be taken in a part, whatever the lane's own rate. */
  get mostOfLane(): number {
    return Math.ceil((PART_MS * this.#pace) / SECOND_MS);
  }

  /** How many to take now if all go to one lane, so that they are spread evenly over the part. Steps that were late are made up for. */
  mostOfStep(now: number): number {
    const steps = Math.floor((now % PART_MS) / STEP_MS) + 1;
    return Math.max(1, Math.ceil((this.mostOfLane * steps * STEP_MS) / PART_MS) - this.#taken);
  }

  /** When the next step is due. */
  stepAfter(now: number): number {
    return (Math.floor(now / STEP_MS) + 1) * STEP_MS;
  }

  /** How many to read if all go to one lane: as many as a part may take, and one more; no limit if nothing is sent. */
  get worthReading(): number {
    return this.#isSkipping ? Number.POSITIVE_INFINITY : this.mostOfLane + 1;
  }

  /** The first of these, up to the first one whose lane has had its share: nothing is skipped. @param most of those that are sent. */
  async take(found: readonly Found[], most = Number.POSITIVE_INFINITY): Promise<readonly Found[]> {
    let paced = 0;
    this.#isSkipping = found.every(({ decision }) => UNPACED.has(decision.kind));
    for (const [at, { lane, decision }] of found.entries()) {
      if (UNPACED.has(decision.kind)) continue;
      const left = this.#left.get(lane) ?? (await this.#shareOf(lane));
      if (left <= 0 || paced === most) return found.slice(0, at);
      paced++;
      this.#taken++;
      this.#left.set(lane, left - 1);
    }
    return found;
  }

  async #shareOf(lane: string): Promise<number> {
    const rate = await this.#rateOf(lane);
    const pace = rate === undefined ? this.#pace : Math.min(this.#pace, rate);
    // a slow lane gets a whole job in some parts, and none in others
    const upTo = (part: number) => Math.floor((part * PART_MS * pace) / SECOND_MS);
    return upTo(this.#part + 1) - upTo(this.#part);
  }
}
