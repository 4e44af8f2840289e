import { isJsonList, isJsonObject, type Json } from "../../../core/json/exact-json.ts";

/** From the root to one value: names of members, and places in lists. */
export type Steps = readonly (string | number)[];

/**
 * Reads a path to one value, `$.order.lines[0]['unit price']`: the singular queries of RFC 9535, §2.3.5.1, except for places
 * counted from the end; a name after a dot may hold a hyphen as well.
 * @returns undefined when it is not one.
 */
export function parsePath(text: string): Steps | undefined {
  if (!text.startsWith("$")) return undefined;
  const steps: (string | number)[] = [];
  for (let at = 1; at < text.length; ) {
    STEP.lastIndex = at;
    const { name, quoted, index } = STEP.exec(text)?.groups ?? {};
    const step = name ?? (index === undefined ? unquoted(quoted) : Number(index));
    if (step === undefined) return undefined;
    steps.push(step);
    at = STEP.lastIndex;
  }
  return steps;
}

/** Undefined when the payload has no such value. */
export function valueAt(payload: Json, steps: Steps): Json | undefined {
  let value: Json | undefined = payload;
  for (const step of steps) {
    if (typeof step === "number") value = isJsonList(value) ? value[step] : undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

const STEP =
  /\.(?<name>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)|\[(?:(?<index>0|[1-9]\d{0,9})|(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))\]/y;

/** Both kinds of quotes take the escapes of JSON, and their own quote. */
function unquoted(quoted: string | undefined): string | undefined {
  if (quoted === undefined) return undefined;
  const json = quoted.startsWith('"')
    ? quoted
    : `"${quoted.slice(1, -1).replace(/\\'|"/g, (found) => (found === '"' ? '\\"' : "'"))}"`;
  try {
    return JSON.parse(json) as string; // a JSON text in quotes is a string
  } catch {
    return undefined;
  }
}
