import type { Histogram } from "./histogram.ts";

export type Labels = Readonly<Record<string, string | number>>;

/** Both texts that Prometheus and others read: OpenMetrics 1.0.0, and the older text format 0.0.4. */
export type Format = "openmetrics" | "prometheus";

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
};

/** What a metric is. Units are seconds and bytes, and stand in its name. */
export interface Metric {
  /** Without `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "info";
  readonly help: string;
}

/** The name of its samples, but for those of a histogram, which add to it. */
export function sampledName({ name, type }: Pick<Metric, "name" | "type">): string {
  if (type === "counter") return `${name}_total`;
  return type === "info" ? `${name}_info` : name;
}

/** Writes metrics as text. */
export class Exposition {
  readonly #format: Format;
  readonly #lines: string[] = [];

  constructor(format: Format) {
    this.#format = format;
  }

  /** A metric whose values follow. */
  describe({ name, type, help }: Metric): void {
    const isOpen = this.#format === "openmetrics";
    const shown = isOpen ? name : sampledName({ name, type });
    this.#lines.push(`# TYPE ${shown} ${type === "info" && !isOpen ? "gauge" : type}`);
    const unit = /_(seconds|bytes)$/.exec(name)?.[1];
    if (isOpen && unit !== undefined) this.#lines.push(`# UNIT ${name} ${unit}`);
    this.#lines.push(`# HELP ${shown} ${help}`);
  }

  value({ name, type }: Metric, value: number, labels: Labels = {}): void {
    const suffix = type === "counter" ? "_total" : type === "info" ? "_info" : "";
    this.#lines.push(`${name}${suffix}${written(labels)} ${value}`);
  }

  histogram({ name }: Metric, { bounds, counts, sum }: Histogram, labels: Labels = {}): void {
    let count = 0;
    for (const [at, bound] of [...bounds, Number.POSITIVE_INFINITY].entries()) {
      count += counts[at] ?? 0;
      const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : this.#boundary(bound);
      this.#lines.push(`${name}_bucket${written({ ...labels, le })} ${count}`);
    }
    this.#lines.push(`${name}_sum${written(labels)} ${sum}`, `${name}_count${written(labels)} ${count}`);
  }

  text(): string {
    return `${[...this.#lines, ...(this.#format === "openmetrics" ? ["# EOF"] : [])].join("\n")}\n`;
  }

  /** OpenMetrics wants them as floating-point numbers. */
  #boundary(bound: number): string {
    return this.#format === "openmetrics" && Number.isInteger(bound) ? `${bound}.0` : String(bound);
  }
}

function written(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
