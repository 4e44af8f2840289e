import { HOUR_MS } from "../../core/duration.ts";
import { refuseUnknown, wrong } from "../../core/options.ts";
import { type Quantiles, quantilesOf } from "../../engine/statistics/fleet-reports.ts";
import { floor } from "../../engine/statistics/statistics.ts";
import type { EndpointStatRow, EndpointStatSum } from "../../store/shelves/statistics/endpoint-stats.ts";

/** Which statistics of an endpoint to return. */
export interface EndpointStatOptions {
  /** How far back, in hours. Default `24h`. */
  readonly span?: EndpointStatSpan;
}

/** How deliveries to an endpoint went, hour by hour. */
export interface EndpointStatReport {
  readonly asOf: Date;
  readonly stepSeconds: number;
  /** One per hour, oldest first; the last one is the current hour. */
  readonly points: readonly EndpointStatPoint[];
}

export interface EndpointStatPoint {
  /** When the hour started. */
  readonly at: Date;
  readonly succeeded: number;
  /** Jobs that failed permanently. */
  readonly failed: number;
  /** Failed attempts that will be retried. */
  readonly retried: number;
  /** How long attempts took. */
  readonly attemptMs: Quantiles;
}

/** How deliveries to an endpoint went in the current hour and the 23 before it. */
export interface EndpointTotals {
  readonly succeeded: number;
  /** Jobs that failed permanently. */
  readonly failed: number;
  /** Failed attempts that will be retried. */
  readonly retried: number;
  /** How long attempts took. */
  readonly attemptMs: Quantiles;
}

export const NO_TOTALS: EndpointTotals = { succeeded: 0, failed: 0, retried: 0, attemptMs: null };

const HOURS = { "24h": 24, "7d": 168, "30d": 720 } as const;
export type EndpointStatSpan = keyof typeof HOURS;
export const ENDPOINT_SPANS = ["24h", "7d", "30d"] as const satisfies readonly EndpointStatSpan[];

/** @throws InvalidInputError */
export function spanOf(options: EndpointStatOptions): EndpointStatSpan {
  refuseUnknown(options, ["span"] satisfies (keyof EndpointStatOptions)[]);
  const { span = "24h" } = options;
  if (ENDPOINT_SPANS.includes(span)) return span;
  throw wrong(["span"], `must be one of ${ENDPOINT_SPANS.join(", ")}`);
}

/** When the first hour of a span began that ends now. */
export function firstHour(span: EndpointStatSpan, now: number): number {
  return floor(now, HOUR_MS) - (HOURS[span] - 1) * HOUR_MS;
}

/** @param rows of an endpoint, from the first hour of the span on. */
export function endpointStats(
  rows: readonly EndpointStatRow[],
  span: EndpointStatSpan,
  now: number,
): EndpointStatReport {
  const ofHour = Map.groupBy(rows, ({ hour }) => hour);
  const first = firstHour(span, now);
  const points = Array.from({ length: HOURS[span] }, (_, step) => {
    const at = first + step * HOUR_MS;
    return pointOf(at, ofHour.get(at) ?? []);
  });
  return { asOf: new Date(now), stepSeconds: HOUR_MS / 1_000, points };
}

/** Of the rows of all processes and hours. */
export function endpointTotals({ succeeded, failed, retried, attempts }: EndpointStatSum): EndpointTotals {
  const buckets: number[][] = JSON.parse(`[${attempts}]`); // only `EndpointHour` writes them
  return { succeeded, failed, retried, attemptMs: quantilesOf(sumOf(buckets)) };
}

/** Of the rows of all processes. */
function pointOf(at: number, rows: readonly EndpointStatRow[]): EndpointStatPoint {
  const total = (of: "succeeded" | "failed" | "retried") => rows.reduce((all, row) => all + row[of], 0);
  const buckets = rows.map(({ attempts }) => JSON.parse(attempts) as number[]); // only `EndpointHour` writes them
  return {
    at: new Date(at),
    ...{ succeeded: total("succeeded"), failed: total("failed"), retried: total("retried") },
    attemptMs: quantilesOf(sumOf(buckets)),
  };
}

/** Place by place. */
function sumOf(buckets: readonly (readonly number[])[]): number[] {
  return (buckets[0] ?? []).map((_, place) => buckets.reduce((all, each) => all + (each[place] ?? 0), 0));
}
