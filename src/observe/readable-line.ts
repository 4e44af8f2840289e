import { printable } from "../core/printable.ts";
import { type ErrorDetail, errorText } from "../core/thrown/error-detail.ts";

/**
 * A JSON line of the log, for people: `12:30:05.123 warn  delivery failed  attempts=3`, an error's stack below it.
 * @param line with its line break.
 */
export function readableLine(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line);
  const details = Object.entries(fields).map(([name, value]) => `  ${name}=${shown(value)}`);
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${msg ?? ""}${details.join("")}`;
  return printable(err === undefined ? `${head}\n` : `${head}\n${indented(textOf(err))}\n`);
}

function shown(value: unknown): string {
  return typeof value === "string" && /^[!#-<>-~]+$/.test(value) ? value : JSON.stringify(value);
}

/** @param err as the log has just written it: a detail of an error, or a string. */
function textOf(err: unknown): string {
  return typeof err === "object" && err !== null ? errorText(err as ErrorDetail) : String(err);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
