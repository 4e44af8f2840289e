/** Upper bounds of buckets, in seconds. A: requests and commits; B: attempts; C: waits and whole deliveries. */
export const A = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
export const B = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 300];
export const C = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 259_200];
export const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

export const GC = [0.001, 0.01, 0.1, 1, 2, 5];

/** Which bucket counts it: the last, one more than there are bounds, is for what is above all of them. */
export function bucketOf(bounds: readonly number[], value: number): number {
  let at = 0;
  while (at < bounds.length && value > (bounds[at] ?? 0)) at++;
  return at;
}

/** Counts by size. A record takes some ten nanoseconds, and makes nothing. */
export class Histogram {
  readonly bounds: readonly number[];
  /** Of each bucket by itself; the last is for what is above all bounds. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  record(value: number): void {
    const { bounds, counts } = this;
    const at = bucketOf(bounds, value);
    counts[at] = (counts[at] ?? 0) + 1;
    this.sum += value;
  }
}
