import { messageOf } from "../errors.ts";

/**
 * The JSON of a value that must lose nothing on the way: `JSON.stringify` leaves out a function, writes a Map, a promise that
 * was not awaited, or Headers as `{}`, and NaN, an infinite number or an invalid date as `null`.
 * @param nulls whether what would become `null` is refused, or written so.
 * @throws Error whose message continues after the value's name: `cannot be written as JSON: …`.
 */
export function toJsonText(value: unknown, nulls: "refused" | "written" = "refused"): string {
  let text: string | undefined;
  let lost: Lost | undefined;
  try {
    text = JSON.stringify(value); // undefined for some values, whatever its declared type says
    // only what is written as {} or null can have lost anything: most values have nothing that is, and are not walked
    if (text?.includes("{}") || (nulls === "refused" && text?.includes("null"))) lost = lostIn(value, nulls);
  } catch (cause) {
    throw new Error(`cannot be written as JSON: ${messageOf(cause)}`, { cause });
  }
  if (text === undefined) throw new Error(`cannot be written as JSON: it is ${withArticle(typeof value)}`);
  if (lost === undefined) return text;
  const { kind, path, written } = lost;
  throw new Error(`cannot be written as JSON: ${path || "it"} is ${kind}, which would be ${written}`);
}

interface Lost {
  readonly path: string;
  /** With its article. */
  readonly kind: string;
  readonly written: "{}" | "null";
}

/** The first part of a value that JSON writes as something else. */
function lostIn(value: unknown, nulls: "refused" | "written"): Lost | undefined {
  if (typeof value === "number")
    return nulls === "written" || Number.isFinite(value) ? undefined : asNull(String(value));
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof Date && nulls === "refused" && Number.isNaN(value.getTime()))
    return asNull("an invalid Date");
  if ("toJSON" in value) return undefined;
  const names = Object.keys(value);
  if (names.length === 0) {
    const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
    return KEPT.has(kind) ? undefined : { path: "", kind: withArticle(kind), written: "{}" };
  }
  for (const name of names) {
    const member = (value as Record<string, unknown>)[name]; // it has this name of its own
    const found = lostIn(member, nulls) ?? (Array.isArray(value) ? asNullItem(member, nulls) : undefined);
    if (found) return { ...found, path: found.path === "" ? name : `${name}.${found.path}` };
  }
  return undefined;
}

/** What JSON leaves out of an object, it writes as null in a list. */
function asNullItem(item: unknown, nulls: "refused" | "written"): Lost | undefined {
  const isLost = nulls === "refused" && (typeof item === "function" || typeof item === "symbol");
  return isLost ? asNull(withArticle(typeof item)) : undefined;
}

function asNull(kind: string): Lost {
  return { path: "", kind, written: "null" };
}

/** Boxed values are written as what is in them. */
const KEPT: ReadonlySet<string> = new Set(["Object", "Array", "Boolean", "Number", "String"]);

function withArticle(kind: string): string {
  if (kind === "undefined") return kind;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}
