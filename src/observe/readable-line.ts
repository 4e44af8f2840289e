/**
 * A JSON line of the log, for people: `12:30:05.123 warn  delivery failed  attempts=3`, an error's stack below it.
 * @param line with its line break.
 */
export function readableLine(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line);
  const details = Object.entries(fields).map(([name, value]) => `  ${name}=${shown(value)}`);
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${msg ?? ""}${details.join("")}`;
  return err === undefined ? `${head}\n` : `${head}\n${indented(errorText(err))}\n`;
}

function shown(value: unknown): string {
  return typeof value === "string" && /^[!#-<>-~]+$/.test(value) ? value : JSON.stringify(value);
}

function errorText(err: unknown): string {
  if (typeof err !== "object" || err === null) return String(err);
  const stack = "stack" in err ? String(err.stack) : JSON.stringify(err);
  return "cause" in err ? `${stack}\ncaused by: ${errorText(err.cause)}` : stack;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
