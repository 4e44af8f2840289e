import { deliveriesOf, type Result } from "./result.ts";

/** One number of a result that systems are compared by. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** Undefined where the result has no such number. */
  readonly of: (result: Result) => number | undefined;
}

export const deliveredPerSecond: Figure = {
  name: "delivered",
  unit: "/s",
  of: ({ load }) => load?.report.deliveredPerSecond,
};

export const deliveryP50: Figure = {
  name: "delivery p50",
  unit: "ms",
  of: ({ load }) => load?.report.deliveryMs.p50,
};

export const deliveryP99: Figure = {
  name: "delivery p99",
  unit: "ms",
  of: ({ load }) => load?.report.deliveryMs.p99,
};

/** Of product and database together. */
export const cpuPerDelivery: Figure = {
  name: "processor per delivery",
  unit: "µs",
  of: ({ load }) =>
    load && ((load.used.productCpuSeconds + load.used.databaseCpuSeconds) * 1e6) / deliveriesOf(load),
};

/** Of product and database together, each at its own peak. */
export const peakMemory: Figure = {
  name: "peak memory",
  unit: "MiB",
  of: ({ load }) =>
    load &&
    load.used.productPeakMebibytes +
      (load.used.databasePeakMebibytes > 0 ? load.used.databasePeakMebibytes : 0),
};

export const jobsPerSecond: Figure = {
  name: "jobs run",
  unit: "/s",
  of: ({ task }) => task && task.ran / task.totalSeconds,
};

/** The median over a system's rounds that count; undefined when none has the figure. */
export function medianOf(figure: Figure, results: readonly Result[], system: string): number | undefined {
  return median(
    results.flatMap((result) => {
      if (result.system !== system || result.void !== undefined) return [];
      const value = figure.of(result);
      return value === undefined || Number.isNaN(value) ? [] : [value];
    }),
  );
}

export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/**
 * The interval between two of the values that holds the median they were drawn around with 95 % confidence: each value is below it
 * with probability a half, so the ranks follow the binomial distribution (the sign test's interval). Undefined below six values.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  let below = 0.5 ** sorted.length;
  let rank = 0; // how many of the lowest, and of the highest, values can be left out
  for (let probability = below; below <= 0.025; rank++) {
    probability *= (sorted.length - rank) / (rank + 1);
    below += probability;
  }
  const [low, high] = [sorted[rank - 1], sorted[sorted.length - rank]];
  return low === undefined || high === undefined ? undefined : [low, high];
}
