import { printable } from "../../core/printable.ts";

/** `printable`, on one line and no longer than `length`. */
export function printableLine(text: string, length = Number.POSITIVE_INFINITY): string {
  const line = printable(text.replaceAll(/\s+/g, " ").trim());
  return line.length > length ? `${line.slice(0, Math.max(0, length - 1))}…` : line;
}
