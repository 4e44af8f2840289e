import { randomUUID } from "node:crypto";
import { Decimal } from "./decimal.ts";

/** What `JSON.parse` gives, except that a number which a double might not hold is a `Decimal`. */
export type Json = null | boolean | string | number | Decimal | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * Reads JSON without losing a digit. It does not recurse, however deep the text is nested.
 * @throws SyntaxError
 */
export function parseExactly(text: string): Json {
  const plain = JSON.parse(text) as Json; // it has no Decimal yet
  if (!MAY_HOLD_INEXACT.test(text)) return plain;
  const marked = markNumbers(text);
  if (marked === undefined) return plain;
  const holder = { root: JSON.parse(marked) };
  restoreNumbers(holder);
  return holder.root;
}

export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

/** A decimal of 15 digits, and no more, is still the same after it was a double (IEEE 754). Also true of some strings. */
const MAY_HOLD_INEXACT = /[\d.]{16}|\d[eE]/;
const INEXACT = /[\d.]{16}|[eE]/;

/**
 * Stands before the digits of a number while it is a string: `JSON.parse` is fast and takes any depth, its reviver, which would tell
 * a number's text, neither. Random, so that no payload can hold it.
 */
const MARK = randomUUID();

const STRING_OR_NUMBER = /["\d-]/g;
const NUMBER = /[\d.eE+-]+/y;
const QUOTE_OR_ESCAPE = /["\\]/g;

/** @returns undefined when doubles hold all numbers. */
function markNumbers(text: string): string | undefined {
  const parts: string[] = [];
  let copied = 0;
  for (let at = indexFrom(STRING_OR_NUMBER, text, 0); at !== -1; at = indexFrom(STRING_OR_NUMBER, text, at)) {
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    NUMBER.lastIndex = at;
    const [number = ""] = NUMBER.exec(text) ?? [];
    if (INEXACT.test(number)) {
      parts.push(text.slice(copied, at), `"${MARK}${number}"`);
      copied = at + number.length;
    }
    at += number.length;
  }
  return copied === 0 ? undefined : parts.join("") + text.slice(copied);
}

function endOfString(text: string, open: number): number {
  let at = indexFrom(QUOTE_OR_ESCAPE, text, open + 1);
  while (text[at] === "\\") at = indexFrom(QUOTE_OR_ESCAPE, text, at + 2);
  return at + 1;
}

function indexFrom(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

function restoreNumbers(root: object): void {
  const left: object[] = [root];
  for (let holder = left.pop(); holder !== undefined; holder = left.pop()) {
    for (const [name, value] of Object.entries(holder)) {
      if (typeof value === "object" && value !== null) left.push(value);
      else if (typeof value === "string" && value.startsWith(MARK))
        Reflect.set(holder, name, new Decimal(value.slice(MARK.length)));
    }
  }
}
