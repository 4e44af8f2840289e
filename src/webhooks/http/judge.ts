import { durationText } from "../../core/duration.ts";
import {
  type AttemptClass,
  type AttemptDetail,
  type Failed,
  type Outcome,
  timingDetail,
} from "../../core/outcome.ts";
import type { Answered, Broken, SendResult } from "./result.ts";
import { retryAfterMs } from "./retry-after.ts";

const GONE = 410;
/** Standard Webhooks 1.0: 429, 502 and 504 ask for fewer requests, and so does 503 (RFC 9110 §15.6.4). */
const OVERLOADED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** How long the lane of an overloaded receiver rests when it does not say. */
const REST_MS = 1_000;
/** The job itself waits as long as it was asked to; its lane tries again sooner, because the pause may have been meant for that job only. */
const LONGEST_REST_MS = 60_000;

/**
 * The outcome of an attempt, according to Standard Webhooks 1.0:
 *
 * - 2xx: succeeded, even if the rest of the answer did not arrive: the receiver has the webhook, and has said so.
 * - 410: failed permanently; the receiver wants no more.
 * - 3xx: failed, because redirects are not followed; retried, because they also come from maintenance and repaired proxies.
 * - any other status: failed, and retried, not before `Retry-After` is over.
 * - no answer: failed, and retried, unless the target policy refused the address, which more attempts would not change:
 *   once the name or the policy is corrected, a person can redeliver it.
 *
 * Errors name the status and the host, never the query or the body, either of which may hold a secret.
 */
export function judge(result: SendResult, targetUrl: string, now: number): Outcome {
  if (result.kind === "broken") return broken(result);
  const { status, excerpt } = result;
  const detail: AttemptDetail = { code: status, class: classOf(status), excerpt };
  if (status >= 200 && status <= 299) {
    return { kind: "succeeded", result: resultOf(result, targetUrl), ...detail };
  }
  return { ...refused(result, targetUrl, now), ...detail, ...timed(result) };
}

function classOf(status: number): AttemptClass {
  if (status === 410) return "410";
  if (status === 429) return "429";
  if (status >= 500) return "5xx"; // and numbers that are not a status at all (RFC 9110 §15)
  if (status >= 400) return "4xx";
  return status >= 300 ? "3xx" : "2xx";
}

function resultOf({ status, durationMs, cutShort, timing }: Answered, targetUrl: string): string {
  return JSON.stringify({
    delivered_to: targetUrl,
    http_status: status,
    duration_ms: Math.round(durationMs),
    note: cutShort,
    timing,
  });
}

function broken(result: Broken): Failed & AttemptDetail {
  const { error, class: failed } = result;
  if (failed === "blocked") return { kind: "failed", error, retry: false, class: failed };
  return { kind: "failed", error, retry: true, class: failed, ...timed(result) };
}

function timed({ timing }: SendResult): Pick<AttemptDetail, "detail"> {
  return timing ? { detail: timingDetail(timing) } : {};
}

function refused({ status, headers, cutShort }: Answered, targetUrl: string, now: number): Failed {
  const said = `HTTP ${status} from ${new URL(targetUrl).host}${remarkOn(status)}`;
  const error = cutShort === undefined ? said : `${said}; ${cutShort}`;
  if (status === GONE) return { kind: "failed", error, retry: false };
  const asked = Math.max(
    0,
    ...[headers.retryAfter ?? []].flat().map((value) => retryAfterMs(value, now) ?? 0),
  );
  return {
    kind: "failed",
    error: asked > 0 ? `${error}; it asked for a pause of ${durationText(asked)} (Retry-After)` : error,
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
