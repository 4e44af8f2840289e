import type { Payloads } from "../../access/keys.ts";
import { type Holds, jsonIn, type Sought, soughtIn, textHolds } from "../../core/job-content.ts";
import { contains } from "../../engine/failures/failures.ts";
import { badQuery } from "../request/request-error.ts";
import type { RedactedAnswers } from "./redacted-answers.ts";

/** What is shown in place of a hidden value. A search must not find it, or it would tell that there is a value, and how long it is. */
const STAND_IN = /••••(?: \d+ chars?)?/g;

/**
 * What a caller searches for: a string, as it is written in a job's content, or `$.path = value` in JSON. What the caller may not see must
 * not be found either, or searches would reveal it: then this is a function that looks in what is left of the content.
 * @throws RequestError 422 if the caller may see no payloads at all.
 */
export function soughtBy(
  asked: string,
  payloads: Payloads,
  redacted: Pick<RedactedAnswers, "member">,
): Sought | Holds {
  if (payloads === "none") throw notSearched();
  const sought = soughtIn(asked);
  if (payloads === "full") return sought;
  return ({ input, result, error }) =>
    Object.entries({ input, result, error }).some(([name, text]) => {
      if (!text) return false;
      // what is shown is made in any case: were it made only of what holds the text, the time that takes would tell of it
      return (
        textHolds(shown(redacted.member(name, jsonOf(text), payloads)), sought) && textHolds(text, sought)
      );
    });
}

/**
 * Whether an error contains this, ignoring case, as far as the caller may see it.
 * @throws RequestError 422 if the caller may see no payloads at all.
 */
export function errorHolds(
  asked: string,
  payloads: Payloads,
  redacted: Pick<RedactedAnswers, "member">,
): (error: string) => boolean {
  if (payloads === "none") throw notSearched();
  const holds = contains(asked);
  if (payloads === "full") return holds;
  // in this order, for the reason given above
  return (error) => holds(shown(redacted.member("sample", JSON.stringify(error), payloads))) && holds(error);
}

function notSearched() {
  return badQuery([
    { parameter: "text", detail: "cannot be searched for by a key that is shown no payloads" },
  ]);
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
