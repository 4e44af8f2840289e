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
  if (text !== "{}") return text;
  const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (kind === "Object") return text;
  throw new Error(`cannot be written as JSON: it is ${withArticle(kind)}, which would be {}`);
}

function withArticle(kind: string): string {
  if (kind === "undefined") return kind;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}
