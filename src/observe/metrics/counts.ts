import { C } from "./histogram.ts";
import type { Meters, TaskMeters } from "./meters.ts";

/** How much has happened by some moment, or between two; waits and attempts in the buckets of `C`, the last above all of them. */
export interface Counts {
  readonly accepted: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly retried: number;
  readonly waits: readonly number[];
  readonly attempts: readonly number[];
}

const NONE = new Array<number>(C.length + 1).fill(0);
export const NOTHING: Counts = {
  ...{ accepted: 0, succeeded: 0, failed: 0, cancelled: 0, retried: 0 },
  ...{ waits: NONE, attempts: NONE },
};

/** By task, as it is now; under the empty name all together. */
export function countsOf(meters: Meters): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  let all = NOTHING;
  for (const [task, each] of meters.tasks) {
    const of = countsOfTask(each);
    counts.set(task, of);
    all = sum(all, of);
  }
  return counts.set("", all);
}

function countsOfTask({ waits, tookSeconds, ...of }: TaskMeters): Counts {
  const { accepted, succeeded, failed, cancelled, retries } = of;
  return {
    ...{ accepted, succeeded, failed, cancelled, retried: retries },
    waits: added([...waits.first.counts], waits.later.counts),
    attempts: [...tookSeconds.counts],
  };
}

export function sum(one: Counts, other: Counts): Counts {
  return combined(one, other, 1);
}

/** What came after `earlier`. */
export function since(earlier: Counts, now: Counts): Counts {
  return combined(now, earlier, -1);
}

export function isNothing({
  accepted,
  succeeded,
  failed,
  cancelled,
  retried,
  waits,
  attempts,
}: Counts): boolean {
  return [accepted, succeeded, failed, cancelled, retried, ...waits, ...attempts].every((each) => each === 0);
}

/** In seconds, by the upper bound of the bucket in which it lies; undefined where nothing was counted. */
export function quantile(counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((all, each) => all + each, 0);
  if (total === 0) return undefined;
  let passed = 0;
  for (const [at, each] of counts.entries()) {
    passed += each;
    if (passed >= share * total) return C[at] ?? C.at(-1);
  }
  return C.at(-1);
}

function combined(one: Counts, other: Counts, sign: 1 | -1): Counts {
  return {
    accepted: one.accepted + sign * other.accepted,
    succeeded: one.succeeded + sign * other.succeeded,
    failed: one.failed + sign * other.failed,
    cancelled: one.cancelled + sign * other.cancelled,
    retried: one.retried + sign * other.retried,
    waits: added(one.waits, other.waits, sign),
    attempts: added(one.attempts, other.attempts, sign),
  };
}

function added(one: readonly number[], other: ArrayLike<number>, sign: 1 | -1 = 1): number[] {
  return one.map((each, at) => each + sign * (other[at] ?? 0));
}
