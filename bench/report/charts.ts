import { inOneLine, type Machine } from "../machine/machine.ts";
import { type Bar, drawBars } from "./bar-chart.ts";
import {
  cpuPerDelivery,
  deliveredPerSecond,
  deliveryP50,
  deliveryP99,
  type Figure,
  jobsPerSecond,
  medianOf,
  peakMemory,
} from "./figures.ts";
import type { Result } from "./result.ts";

interface Drawn {
  readonly figure: Figure;
  readonly file: string;
  readonly logarithmic?: boolean;
  readonly lessIsBetter?: boolean;
}

const DRAWN: readonly Drawn[] = [
  { figure: deliveredPerSecond, file: "delivered" },
  { figure: jobsPerSecond, file: "jobs" },
  { figure: deliveryP50, file: "p50", logarithmic: true, lessIsBetter: true },
  { figure: deliveryP99, file: "p99", logarithmic: true, lessIsBetter: true },
  { figure: cpuPerDelivery, file: "processor", lessIsBetter: true },
  { figure: peakMemory, file: "memory", lessIsBetter: true },
];

/** A chart for each figure of each scenario, by the name of its file; medians of the rounds, voids left out. */
export function chartsOf(results: readonly Result[], machine: Machine): Map<string, string> {
  const charts = new Map<string, string>();
  for (const scenario of new Set(results.map(({ scenario }) => scenario))) {
    const its = results.filter((result) => result.scenario === scenario);
    for (const { figure, file, logarithmic = false, lessIsBetter = false } of DRAWN) {
      const bars = barsOf(figure, its).sort((a, b) => (lessIsBetter ? a.value - b.value : b.value - a.value));
      if (bars.length < 2) continue; // nothing to compare
      const title = `${scenario}: ${figure.name}${lessIsBetter ? ", less is better" : ""}`;
      const drawing = drawBars({ title, note: inOneLine(machine), unit: figure.unit, bars, logarithmic });
      charts.set(`${scenario}-${file}.svg`, drawing);
    }
  }
  return charts;
}

function barsOf(figure: Figure, results: readonly Result[]): Bar[] {
  const titles = new Map(results.map(({ system, title }) => [system, title]));
  return [...titles].flatMap(([system, label]) => {
    const value = medianOf(figure, results, system);
    return value !== undefined && value > 0 ? [{ label, value, color: colorOf(system) }] : [];
  });
}

function colorOf(system: string): string {
  if (system.startsWith("posthorn-")) return "#c2570c";
  return system.startsWith("ceiling-") ? "#94a3b8" : "#3b6ea5";
}
