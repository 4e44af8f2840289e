import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Output } from "./io.ts";
import { printableLine } from "./printable.ts";

/** Writes aligned columns below their headings. On a terminal, the last column is cut to fit. */
export function printTable(
  output: Output,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const lines = [headings, ...rows].map((row) => row.map((cell) => printableLine(cell)));
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const room = output.isTTY && output.columns ? output.columns : Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const aligned = line.map((cell, column) =>
      column < line.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell,
    );
    output.write(`${cut(aligned.join("  "), room)}\n`);
  }
}

/** Writes `name  value` lines, aligned. */
export function printFields(output: Output, fields: readonly (readonly [string, string])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) output.write(`${name.padEnd(width)}  ${printableLine(value)}\n`);
}

function cut(text: string, room: number): string {
  const line = text.trimEnd();
  return line.length > room ? `${line.slice(0, room - 1)}…` : line;
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
