import { parseDuration } from "../core/duration.ts";
import { isError, messageOf } from "../core/errors.ts";
import { toJsonText } from "../core/json/json-text.ts";
import type { AttemptDetail, Failed, Outcome } from "../core/outcome.ts";
import { failedBy } from "../core/thrown/failed-by.ts";
import { Discard, RetryAt, Snooze } from "./outcomes.ts";

/** Results are kept with their jobs, and shown with them: anything larger belongs elsewhere, with its address as the result. */
const LONGEST_RESULT = 262_144;

/**
 * The outcome of an attempt whose handler returned this.
 * @param now by the clock that the handler uses.
 * @throws InvalidInputError when it names an invalid pause.
 */
export function outcomeOf(returned: unknown, now: number): Outcome {
  if (returned instanceof Discard) return givenUp(returned.reason, false);
  if (returned instanceof Snooze)
    return { kind: "snoozed", forMs: parseDuration(returned.duration, ["snooze"]) };
  if (returned instanceof RetryAt) {
    const { when, reason } = returned;
    const pause = when instanceof Date ? Math.max(0, when.getTime() - now) : when;
    const retryInMs = parseDuration(pause, ["retryAt"]);
    return { ...givenUp(reason, true), retryInMs };
  }
  if (returned === undefined) return { kind: "succeeded" };
  return resultOf(returned);
}

/** Without types, a reason may be the error itself. */
function givenUp(reason: unknown, retry: boolean): Failed & AttemptDetail {
  return isError(reason) ? failedBy(reason, retry) : { kind: "failed", error: messageOf(reason), retry };
}

/** The work is done, so a result that cannot be kept is no reason to do it again. */
function resultOf(returned: unknown): Outcome {
  let result: string;
  try {
    result = toJsonText(returned, "written"); // a NaN in a result is no reason to fail work that is done
  } catch (error) {
    return lost(`it ${messageOf(error)}`);
  }
  if (result.length > LONGEST_RESULT) {
    return lost(
      `it is ${result.length} characters long, more than ${LONGEST_RESULT}; store it elsewhere and return a reference`,
    );
  }
  return { kind: "succeeded", result };
}

function lost(why: string): Outcome {
  return {
    kind: "failed",
    error: `the handler ended, but its result could not be kept: ${why}`,
    retry: false,
  };
}
