import type { Payloads } from "../../access/keys.ts";
import type { JobContent } from "../../engine/job-search.ts";
import { compareNumbers, Decimal } from "../../core/decimal.ts";
import {
  isJsonList,
  isJsonObject,
  type Json,
  parseExactly,
} from "../../core/exact-json.ts";
import { badQuery } from "../request/request-error.ts";
import type { RedactedAnswers } from "./redacted-answers.ts";

/** `$.data.id = 42`: the members from the outermost in, and what the value has to be. */
const AT_PATH = /^\$((?:\.[^.\s=[\]]+|\[\d+\])+)\s*=\s*(.+)$/;
const STEP = /\.([^.\s=[\]]+)|\[(\d+)\]/g;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** What stands for something that is not shown: that it is there, and how long, is no answer to a search. */
const STAND_IN = /••••(?: \d+ chars?)?/g;

/**
 * Whether a job's content holds what was asked for: a string, as it is written there, or `$.path = value`, in what is JSON. What is not
 * shown to who asks is not found either, or a search would tell what it is.
 * @throws RequestError 422 for who is shown nothing at all.
 */
export function sought(
  asked: string,
  payloads: Payloads,
  redacted: Pick<RedactedAnswers, "member">,
): (content: JobContent) => boolean {
  if (payloads === "none")
    throw badQuery([
      { parameter: "text", detail: "cannot be searched for by a key that is shown no payloads" },
    ]);
  const holds = holdsOf(asked);
  return ({ input, result, error }) =>
    Object.entries({ input, result, error }).some(([name, text]) => {
      if (!text || payloads === "full") return !!text && holds(text);
      // what is shown is made in any case: were it made only of what holds the text, the time that takes would tell of it
      return holds(shown(redacted.member(name, jsonOf(text), payloads))) && holds(text);
    });
}

function holdsOf(asked: string): (text: string) => boolean {
  const [, path, value] = AT_PATH.exec(asked.trim()) ?? [];
  if (path === undefined || value === undefined) return (text) => text.includes(asked);
  const steps = [...path.matchAll(STEP)].map(([, name, place]) => name ?? place ?? "");
  const wanted = value.trim();
  return (text) => isAt(text, steps, wanted);
}

function isAt(text: string, steps: readonly string[], wanted: string): boolean {
  let value: Json | undefined = jsonIn(text);
  for (const step of steps) {
    if (isJsonList(value)) value = value[Number(step)];
    else if (isJsonObject(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
    else return false;
  }
  if (typeof value === "string") return value === wanted || JSON.stringify(value) === wanted;
  if (typeof value === "number" || value instanceof Decimal)
    return NUMBER.test(wanted) && compareNumbers(value, new Decimal(wanted)) === 0;
  return value === null || typeof value === "boolean" ? String(value) === wanted : false;
}

function jsonIn(text: string): Json | undefined {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** An error is text, and an event's payload may be. */
function jsonOf(text: string): string {
  return jsonIn(text) === undefined ? JSON.stringify(text) : text;
}

/** Without a trace of what is not shown. JSON of a string alone is that string. */
function shown(json: string): string {
  const value = jsonIn(json);
  return (typeof value === "string" ? value : json).replace(STAND_IN, "");
}
