import { useEffect, useRef } from "preact/hooks";
import { isSystemDark, theme, zone } from "../live/settings.ts";
import { absolute, span } from "../rules/times.ts";
import type { Plotted } from "./plot.ts";

interface ChartProps extends Omit<Plotted, "isOpen" | "marks">, Partial<Pick<Plotted, "isOpen" | "marks">> {
  readonly name: string;
}

/** Lines over time; what draws them is loaded when the first is shown. The same numbers stand in a table below. */
export function Chart({ name, at, series, of, isOpen = false, marks = [] }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const shownTheme = `${theme.value} ${isSystemDark.value}`;
  const isEmpty = series.every(({ values }) => values.every((value) => value === null));
  useEffect(() => {
    const element = place.current;
    if (!element || isEmpty) return;
    let end = () => {};
    let isGone = false;
    void import("./plot.ts").then(({ plotted }) => {
      if (!isGone) end = plotted(element, { at, series, of, isOpen, marks });
    });
    return () => {
      isGone = true;
      end();
    };
  }, [
    at.join(),
    series.map(({ values }) => values.join()).join(";"),
    shownTheme,
    zone(),
    marks.map((mark) => mark.at).join(),
  ]);
  return (
    <figure class="chart">
      <figcaption>
        <strong>{name}</strong>
        {series.map(({ name: label, colour }) => (
          <span key={label} class={`key key${colour}`}>
            {label}
          </span>
        ))}
      </figcaption>
      {isEmpty ? (
        <p class="nothing">Nothing in this period.</p>
      ) : (
        <>
          <div ref={place} class="plot" aria-hidden="true" />
          <AsTable at={at} series={series} of={of} />
        </>
      )}
    </figure>
  );
}

function AsTable({ at, series, of }: Pick<ChartProps, "at" | "series" | "of">) {
  const told = (value: number | null | undefined) => {
    if (value === null || value === undefined) return "–";
    return of === "duration" ? span(value) : value.toFixed(2);
  };
  return (
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
                  {told(values[row])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
