import { innerPart } from "../../core/inner-part.ts";
import { refuseUnknown, textOf, wrong } from "../../core/options.ts";
import {
  type FleetReportParts,
  FleetReports,
  pointOf,
  SPANS,
  type Span,
  type StatNow,
  type StatReport,
} from "./fleet-reports.ts";
import type { Statistics } from "./statistics.ts";

export interface StatReportParts extends FleetReportParts {
  readonly statistics: Pick<Statistics, "seconds" | "watch">;
}

/** Which statistics to return. */
export interface StatOptions {
  /**
   * How far back: `1m` in steps of a second, for this process only; `1h` in minutes, `24h` and `30d` in hours, for all processes on the
   * database. Default `1h`.
   */
  readonly span?: Span;
  /** Only this task; `1m` always covers all tasks. Default: all tasks. */
  readonly task?: string;
}

const SECONDS = 60;

/** Statistics for people to look at. */
export class StatReports {
  readonly #parts: StatReportParts;
  readonly #fleet: FleetReports;

  constructor(parts: StatReportParts) {
    this.#parts = parts;
    this.#fleet = new FleetReports(parts);
  }

  get live(): Pick<Statistics, "watch"> {
    return this.#parts.statistics;
  }

  /** @throws InvalidInputError */
  async asked(options: StatOptions = {}): Promise<StatReport> {
    refuseUnknown(options, ["span", "task"] satisfies (keyof StatOptions)[]);
    const { span = "1h", task = "" } = options;
    if (!SPANS.includes(span)) throw wrong(["span"], `must be one of ${SPANS.join(", ")}`);
    return this.report(span, textOf(task, ["task"]));
  }

  /** @param task only of this one. Default: of all. The last minute is always of all. */
  async report(span: Span, task = ""): Promise<StatReport> {
    if (span !== "1m") return this.#fleet.report(span, task);
    const asOf = new Date(this.#parts.clock.now());
    const now = await this.now();
    const points = this.#parts.statistics.seconds(SECONDS).map(pointOf);
    return { asOf, stepSeconds: 1, of: "process", points, now };
  }

  now(): Promise<StatNow> {
    return this.#fleet.now();
  }
}

/** Where a Posthorn keeps its statistics. */
export const STATISTICS = Symbol.for("posthorn.statistics");

/** The statistics of a Posthorn, for its own surfaces. */
export function statisticsOf(posthorn: object): StatReports {
  return innerPart(posthorn, STATISTICS);
}
