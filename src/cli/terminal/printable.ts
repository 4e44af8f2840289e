import { printable } from "../../core/printable.ts";
import { cutColumns } from "./width.ts";

/** `printable`, on one line that takes no more than so many columns. */
export function printableLine(text: string, columns = Number.POSITIVE_INFINITY): string {
  return cutColumns(printable(text.replaceAll(/\s+/g, " ").trim()), columns);
}
