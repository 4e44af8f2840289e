import { HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import { InvalidInputError } from "../core/errors.ts";
import { collectProblems, unknownOptions, wholeNumberOf, wrong } from "../core/options.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { EndpointLimits } from "./registry/known-endpoint.ts";

/** How much may be delivered at once, and per period. What is left out is not limited. */
export interface LimitOptions {
  /** How many deliveries run at once, across all workers: 1 to 10 000. */
  readonly concurrency?: number;
  /** How many deliveries may start per period, across all workers: 1 to 1 000 000. */
  readonly rate?: { readonly limit: number; readonly per: "second" | "minute" | "hour" };
  /** For an endpoint only: one delivery at a time, in the order of acceptance. The oldest holds the others up until it has ended. */
  readonly ordered?: boolean;
}

export const MOST_AT_ONCE = 10_000;
export const MOST_IN_A_SPAN = 1_000_000;
const SPANS = { second: 1_000, minute: MINUTE_MS, hour: HOUR_MS } as const;

/**
 * As they are kept.
 * @throws InvalidInputError naming every member that is wrong.
 */
export function limitsOf(options: LimitOptions | null, mayBeOrdered = false): string | null {
  if (options === null) return null;
  const known = mayBeOrdered ? ["concurrency", "rate", "ordered"] : ["concurrency", "rate"];
  const problems = unknownOptions(options, known, ["limits"]);
  const { concurrency, rate, ordered } = options;
  const limits = {
    ...(concurrency !== undefined && {
      concurrency: collectProblems(problems, () =>
        wholeNumberOf(concurrency, 1, MOST_AT_ONCE, ["limits", "concurrency"]),
      ),
    }),
    ...(rate !== undefined && { rate: collectProblems(problems, () => rateOf(rate)) }),
    ...(mayBeOrdered &&
      ordered !== undefined && { ordered: collectProblems(problems, () => flagOf(ordered)) }),
  };
  if (problems.length > 0) throw new InvalidInputError(problems);
  return Object.keys(limits).length === 0 ? null : JSON.stringify(limits);
}

/** @param kept as `limitsOf` wrote it. */
export function shownLimits(kept: string | null): LimitOptions | null {
  if (kept === null) return null;
  const { concurrency, rate, ordered } = JSON.parse(kept) as EndpointLimits; // only `limitsOf` writes it
  const spelt = rate && { limit: rate.limit, per: spanOf(rate.perMs) };
  return withoutUndefined({ concurrency, rate: spelt, ordered });
}

function rateOf(rate: NonNullable<LimitOptions["rate"]>): EndpointLimits["rate"] {
  const problems = unknownOptions(rate, ["limit", "per"], ["limits", "rate"]);
  const limit = collectProblems(problems, () =>
    wholeNumberOf(rate.limit, 1, MOST_IN_A_SPAN, ["limits", "rate", "limit"]),
  );
  if (!Object.hasOwn(SPANS, rate.per))
    problems.push({ path: ["limits", "rate", "per"], detail: "must be second, minute or hour" });
  if (problems.length > 0 || limit === undefined) throw new InvalidInputError(problems);
  return { limit, perMs: SPANS[rate.per] };
}

function flagOf(value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw wrong(["limits", "ordered"], "must be true or false");
}

function spanOf(ms: number): "second" | "minute" | "hour" {
  if (ms === SPANS.second) return "second";
  return ms === SPANS.minute ? "minute" : "hour";
}
