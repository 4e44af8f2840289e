import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Output } from "./io.ts";
import { printableLine } from "./printable.ts";
import { columnsOf, cutColumns, padColumns } from "./width.ts";

/** What a column may take of a terminal that is too narrow for the table; the last one gets what is left. */
const MOST_COLUMNS = 40;

/** Writes aligned columns below their headings. On a terminal, what does not fit is cut. */
export function printTable(
  output: Output,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const room = output.isTTY && output.columns ? output.columns : Number.POSITIVE_INFINITY;
  const whole = [headings, ...rows].map((row) => row.map((cell) => printableLine(cell)));
  const isTooWide = sumOf(widthsOf(whole)) > room;
  const lines = isTooWide ? whole.map((line) => line.map(cutUnlessLast)) : whole;
  const widths = widthsOf(lines);
  for (const line of lines) {
    const aligned = line.map((cell, column) =>
      column < line.length - 1 ? padColumns(cell, widths[column] ?? 0) : cell,
    );
    output.write(`${cutColumns(aligned.join("  ").trimEnd(), room)}\n`);
  }
}

function cutUnlessLast(cell: string, column: number, { length }: readonly string[]): string {
  return column < length - 1 ? cutColumns(cell, MOST_COLUMNS) : cell;
}

function widthsOf(lines: readonly (readonly string[])[]): number[] {
  return (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => columnsOf(line[column] ?? ""))));
}

/** With two spaces between one column and the next. */
function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + 2, -2);
}

/** Writes `name  value` lines, aligned. */
export function printFields(output: Output, fields: readonly (readonly [string, string])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) output.write(`${name.padEnd(width)}  ${printableLine(value)}\n`);
}

/** A span of time for people: `30s`, `1h30m`. */
export function shownSpan(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * length;
  }
  return text || "0s";
}

const UNITS = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["m", MINUTE_MS],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** A moment for people: UTC, to the second. Nothing for null. */
export function shownTime(at: Date | number | null): string {
  return at === null ? "" : `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
