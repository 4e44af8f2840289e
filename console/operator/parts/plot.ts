import uPlot from "uplot";
import { zone } from "../live/settings.ts";
import type { ChartMark } from "../rules/chart-marks.ts";
import { span } from "../rules/times.ts";

export interface Series {
  readonly name: string;
  /** Null where there was nothing. */
  readonly values: readonly (number | null)[];
  /** A custom property. */
  readonly colour: string;
}

export interface Plotted {
  /** Seconds since the epoch. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** What is counted; or how long something took, in milliseconds, drawn so that ten times as long is one step higher. */
  readonly of: "number" | "duration";
  /** Whether the newest point is still growing: it is drawn dashed. */
  readonly isOpen: boolean;
  /** Each a vertical line, with its number at the top. */
  readonly marks: readonly ChartMark[];
}

const HEIGHT = 180;
const DASH = [3, 3];
/** Up to this many points may stand by themselves, where no line would show them. */
const FEW = 12;
/** Times of day by 24 hours, and the day where it changes: the least step in seconds, what is written, what where the day changes. */
const CLOCK = [
  [86_400, "{D} {MMM}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", null, null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", null, null, "\n{D} {MMM}", null, null, null, 1],
];

/** Draws the lines of a chart into an element. @returns what removes them. */
export function plotted(element: HTMLElement, { at, series, of, isOpen, marks }: Plotted): () => void {
  const { color: faint } = getComputedStyle(element);
  const grid = { stroke: resolved(element, "--line"), width: 1 };
  const axis: uPlot.Axis = { stroke: faint, grid, ticks: { show: false } };
  const line = ({ colour, values }: Series, dash?: number[]): uPlot.Series => ({
    stroke: resolved(element, colour),
    width: 1.5,
    points: { show: values.filter((value) => value !== null).length <= FEW, size: 4 },
    ...(dash && { dash }),
  });
  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone()),
      axes: [
        { ...axis, grid: { show: false }, values: CLOCK },
        { ...axis, ...VERTICAL[of].axis, grid: { ...grid, filter: VERTICAL[of].lines } },
      ],
      scales: { y: VERTICAL[of].scale },
      hooks: { draw: [(drawn) => drawMarks(drawn, marks, faint)] },
      series: [{}, ...series.flatMap((each) => (isOpen ? [line(each), line(each, DASH)] : [line(each)]))],
    },
    [[...at], ...series.flatMap(({ values }) => (isOpen ? parted(values) : [[...values]]))],
    element,
  );
  const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
  resize.observe(element);
  return () => {
    resize.disconnect();
    plot.destroy();
  };
}

/** Those from before the time that is shown are left out. */
function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly ChartMark[], colour: string): void {
  const ratio = devicePixelRatio;
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.font = `${10 * ratio}px sans-serif`;
  ctx.textBaseline = "top";
  // the newest step is shown by where it began
  const placed = marks.map(({ at }, index) => ({
    x: Math.min(Math.round(valToPos(at, "x", true)), right),
    number: index + 1,
  }));
  for (const [x, some] of Map.groupBy(placed, (mark) => mark.x)) {
    if (x < bbox.left) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const isLast = x > right - 20 * ratio;
    ctx.textAlign = isLast ? "right" : "left";
    ctx.fillText(some.map(({ number }) => number).join(" "), x + (isLast ? -3 : 3) * ratio, bbox.top);
  }
  ctx.restore();
}

interface Vertical {
  readonly axis: uPlot.Axis;
  readonly scale: uPlot.Scale;
  /** Which of its marks have lines. */
  readonly lines: uPlot.Axis.Filter;
}

const VERTICAL: Readonly<Record<Plotted["of"], Vertical>> = {
  number: {
    axis: { size: 48 },
    lines: (_, marks) => marks,
    scale: { range: (_, __, high) => [0, high > 0 ? high * 1.15 : 1] },
  },
  duration: {
    axis: { size: 60, values: (_, marks) => marks.map((ms) => (isPowerOfTen(ms) ? span(ms) : "")) },
    lines: (_, marks) => marks.map((ms) => (isPowerOfTen(ms) ? ms : null)),
    scale: {
      distr: 3,
      range: (_, low, high) => [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high * 1.01))],
    },
  },
};

/** As far as fractions are exact. */
function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-6;
}

/** What is certain, and the way to the newest point. */
function parted(values: Series["values"]): (number | null)[][] {
  const last = values.length - 1;
  return [
    values.map((value, place) => (place === last ? null : value)),
    values.map((value, place) => (place >= last - 1 ? value : null)),
  ];
}

/** A canvas knows no custom properties. */
function resolved(element: HTMLElement, property: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
