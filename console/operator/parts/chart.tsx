import { useEffect, useRef } from "preact/hooks";
import { isSystemDark, theme, zone } from "../live/settings.ts";
import { absolute } from "../rules/times.ts";

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  /** A custom property. */
  readonly colour: string;
}

interface ChartProps {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
}

const HEIGHT = 180;
/** Times of day by 24 hours, and the day where it changes: the least step in seconds, what is written, what where the day changes. */
const CLOCK = [
  [86_400, "{D} {MMM}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", null, null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", null, null, "\n{D} {MMM}", null, null, null, 1],
];

/** Lines over time; what draws them is loaded when the first is shown. The same numbers stand in a table below. */
export function Chart({ name, at, series }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const shownTheme = `${theme.value} ${isSystemDark.value}`;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let end = () => {};
    let isGone = false;
    void import("uplot").then(({ default: Plot }) => {
      if (isGone) return;
      const colours = getComputedStyle(element);
      const faint = colours.color;
      const axis = { stroke: faint, grid: { stroke: faint, width: 0.15 }, ticks: { show: false } };
      const plot = new Plot(
        {
          width: element.clientWidth,
          height: HEIGHT,
          legend: { show: false },
          cursor: { show: false },
          tzDate: (seconds) => Plot.tzDate(new Date(seconds * 1_000), zone()),
          axes: [
            { ...axis, values: CLOCK },
            { ...axis, size: 44 },
          ],
          scales: { y: { range: (_, __, high) => [0, Math.max(high, 1) * 1.1] } },
          series: [
            {},
            ...series.map(({ name: label, colour }) => ({
              label,
              stroke: resolved(element, colour),
              width: 1.5,
              points: { show: false },
            })),
          ],
        },
        [[...at], ...series.map(({ values }) => [...values])],
        element,
      );
      const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
      resize.observe(element);
      end = () => {
        resize.disconnect();
        plot.destroy();
      };
    });
    return () => {
      isGone = true;
      end();
    };
  }, [at.join(), series.map(({ values }) => values.join()).join(";"), shownTheme, zone()]);
  return (
    <figure class="chart">
      <figcaption>
        <span>{name}</span>
        {series.map(({ name: label, colour }) => (
          <span key={label} class={`key key${colour}`}>
            {label}
          </span>
        ))}
      </figcaption>
      <div ref={place} class="plot" aria-hidden="true" />
      <details>
        <summary>As a table</summary>
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">At</th>
              {series.map(({ name: label }) => (
                <th key={label} scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {at.map((seconds, row) => (
              <tr key={seconds}>
                <td>{absolute(seconds * 1_000, zone())}</td>
                {series.map(({ name: label, values }) => (
                  <td key={label} class="number">
                    {(values[row] ?? 0).toFixed(2)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
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
