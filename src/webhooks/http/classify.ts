import type { AttemptClass, AttemptDetail, Failed, Outcome } from "../../core/outcome.ts";
import type { Answered, Broken, SendResult } from "./result.ts";
import { retryAfterMs } from "./retry-after.ts";

const GONE = 410;
/** Standard Webhooks 1.0: 429, 502 and 504 ask for fewer requests, and so does 503 (RFC 9110 §15.6.4). */
const OVERLOADED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** How long the lane of an overloaded receiver rests when it does not say. */
const REST_MS = 1_000;
/** The job itself waits as long as it was asked to; its lane tries again sooner, because the pause may have been for it alone. */
const LONGEST_REST_MS = 60_000;

/**
 * What an attempt came to, as Standard Webhooks 1.0 has it:
 *
 * - 2xx: succeeded.
 * - 410: failed for good; the receiver wants no more.
 * - 3xx: failed, as redirects are not followed; tried again, for they also come from maintenance and mended proxies.
 * - any other status: failed, and tried again, not before `Retry-After` is over.
 * - no answer: failed, and tried again; unless the target policy refused the address, which more tries would not change:
 *   once the name or the policy is mended, a person can retry the job.
 *
 * Errors name the status and the host, never the query or the body, either of which may hold a secret.
 */
export function classify(result: SendResult, targetUrl: string, now: number): Outcome {
  if (result.kind === "broken") return broken(result);
  const { status, excerpt } = result;
  const detail: AttemptDetail = { code: status, class: classOf(status), excerpt };
  if (status >= 200 && status <= 299) {
    return { kind: "succeeded", result: resultOf(result, targetUrl), ...detail };
  }
  return { ...refused(result, targetUrl, now), ...detail };
}

function classOf(status: number): AttemptClass {
  if (status === 410) return "410";
  if (status === 429) return "429";
  if (status >= 500) return "5xx";
  if (status >= 400) return "4xx";
  return status >= 300 ? "3xx" : "2xx";
}

function resultOf({ status, durationMs }: Answered, targetUrl: string): string {
  return JSON.stringify({
    delivered_to: targetUrl,
    http_status: status,
    duration_ms: Math.round(durationMs),
  });
}

function broken({ error, refused }: Broken): Failed {
  return { kind: "failed", error, retry: !refused };
}

function refused({ status, headers }: Answered, targetUrl: string, now: number): Failed {
  const error = `HTTP ${status} from ${new URL(targetUrl).host}${remarkOn(status)}`;
  if (status === GONE) return { kind: "failed", error, retry: false };
  const asked = (headers.retryAfter === undefined ? undefined : retryAfterMs(headers.retryAfter, now)) ?? 0;
  return {
    kind: "failed",
    error,
    retry: true,
    ...(asked > 0 && { retryAfterMs: asked }),
    ...(OVERLOADED.has(status) && { laneRestMs: Math.min(asked || REST_MS, LONGEST_REST_MS) }),
  };
}

function remarkOn(status: number): string {
  if (status === GONE) return ": the receiver wants no more webhooks here";
  if (status >= 300 && status <= 399) return ": redirects are not followed, deliver to the final address";
  return "";
}
