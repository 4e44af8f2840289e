import { compareNumbers, Decimal } from "./json/decimal.ts";
import { isJsonList, isJsonObject, type Json, parseExactly } from "./json/exact-json.ts";

/** What of a job can be searched, as it was written. */
export interface JobContent {
  /** Its input or payload; of a delivery of an event, the event's. */
  readonly input: string;
  readonly result: string | null;
  readonly error: string | null;
}

/** What a job's content has to hold: plain data, which threads can be sent. */
export type Sought =
  | { readonly text: string }
  /** The members from the outermost in, and what the value has to be. */
  | { readonly path: readonly string[]; readonly value: string };

/** Larger inputs are not searched. */
export const MOST_BYTES_SEARCHED = 65_536;
export const SOUGHT_LENGTH = { least: 2, most: 200 };

const AT_PATH = /^\$((?:\.[^.\s=[\]]+|\[\d+\])+)\s*=\s*(.+)$/;
const STEP = /\.([^.\s=[\]]+)|\[(\d+)\]/g;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** `$.data.id = 42` is a value at a path; anything else a string, as it is written in the content. */
export function soughtIn(asked: string): Sought {
  const [, path, value] = AT_PATH.exec(asked.trim()) ?? [];
  if (path === undefined || value === undefined) return { text: asked };
  return {
    path: [...path.matchAll(STEP)].map(([, name, place]) => name ?? place ?? ""),
    value: value.trim(),
  };
}

export type Holds = (content: JobContent) => boolean;

/** Whether any of a content holds what is sought, which may be said by a function. */
export function holdsIn(sought: Sought | Holds): Holds {
  if (typeof sought === "function") return sought;
  return ({ input, result, error }) =>
    [input, result, error].some((text) => text !== null && textHolds(text, sought));
}

export function textHolds(text: string, sought: Sought): boolean {
  if (text === "") return false;
  return "text" in sought ? text.includes(sought.text) : isAt(text, sought.path, sought.value);
}

/** Undefined for what is not JSON. */
export function jsonIn(text: string): Json | undefined {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

function isAt(text: string, path: readonly string[], wanted: string): boolean {
  let value: Json | undefined = jsonIn(text);
  for (const step of path) {
    if (isJsonList(value)) value = value[Number(step)];
    else if (isJsonObject(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
    else return false;
  }
  if (typeof value === "string") return value === wanted || JSON.stringify(value) === wanted;
  if (typeof value === "number" || value instanceof Decimal)
    return NUMBER.test(wanted) && compareNumbers(value, new Decimal(wanted)) === 0;
  return value === null || typeof value === "boolean" ? String(value) === wanted : false;
}
