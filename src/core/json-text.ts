import { messageOf } from "./errors.ts";

/**
 * The JSON of a value that must lose nothing on the way: `JSON.stringify` leaves out a function, and writes a Map, a
 * promise that was not awaited, or Headers as `{}`.
 * @throws Error whose message continues after the value's name: `cannot be written as JSON: …`.
 */
export function toJsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value); // undefined for some values, whatever its declared type says
  } catch (cause) {
    throw new Error(`cannot be written as JSON: ${messageOf(cause)}`, { cause });
  }
  if (text === undefined) throw new Error(`cannot be written as JSON: it is ${withArticle(typeof value)}`);
  // only what is written as {} can have lost anything: most values have nothing that is, and are not walked
  const lost = text.includes("{}") ? emptied(value, "") : undefined;
  if (lost === undefined) return text;
  const { kind, path } = lost;
  throw new Error(`cannot be written as JSON: ${path || "it"} is ${withArticle(kind)}, which would be {}`);
}

interface Emptied {
  readonly path: string;
  readonly kind: string;
}

/** The first part of a value that is neither a plain object nor an array, and that JSON writes as `{}`. */
function emptied(value: unknown, path: string): Emptied | undefined {
  if (typeof value !== "object" || value === null || "toJSON" in value) return undefined;
  const members = Object.entries(value);
  if (members.length === 0) {
    const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
    return KEPT.has(kind) ? undefined : { path, kind };
  }
  for (const [name, member] of members) {
    const found = emptied(member, path === "" ? name : `${path}.${name}`);
    if (found) return found;
  }
  return undefined;
}

/** Boxed values are written as what is in them. */
const KEPT: ReadonlySet<string> = new Set(["Object", "Array", "Boolean", "Number", "String"]);

function withArticle(kind: string): string {
  if (kind === "undefined") return kind;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}
