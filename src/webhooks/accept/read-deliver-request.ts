import type { Duration } from "../../core/duration.ts";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { tagsOf } from "../../core/names.ts";
import { collectProblems, dueAt, unknownOptions, wholeNumberOf } from "../../core/options.ts";
import { metaOfCopy } from "../../core/origin.ts";
import { metaGiven } from "../../core/traces/trace-given.ts";
import { MOST_ATTEMPTS, timeoutOf } from "../schedule.ts";
import type { DeliverRequest } from "./deliver-request.ts";
import { readHeaders } from "./delivery-headers.ts";
import { jsonOf } from "./given-json.ts";

/** A checked DeliverRequest, with its times computed and its payload serialised. */
export interface Delivery {
  readonly targetUrl: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** In milliseconds since the epoch; undefined for at once. */
  readonly runAt: number | undefined;
  readonly maxAttempts: number;
  readonly timeoutMs: number | undefined;
  readonly eventId: string | undefined;
  readonly secret: string | undefined;
  /** Of its job's origin, as `meta`. */
  readonly tags: readonly string[] | undefined;
  readonly meta: string | undefined;
}

/** The first attempt and one for each pause of the schedule. */
export const DEFAULT_ATTEMPTS = 10;
/** Visible ASCII, no `.`: with one, what is signed could be read as another id and timestamp (Standard Webhooks 1.0). */
const EVENT_ID = /^[\x21-\x2d\x2f-\x7e]{1,256}$/;

const MEMBERS = [
  "targetUrl",
  "payload",
  "headers",
  "runAt",
  "delay",
  "maxAttempts",
  "timeout",
  "eventId",
  "secret",
  "tags",
  "copyOf",
  "trace",
  "tx",
] satisfies (keyof DeliverRequest)[];

/**
 * Checks everything that can be checked at once. Whether the target may be reached is up to the target policy.
 * @param checkSecret throws InvalidInputError for a secret that could not sign.
 * @throws InvalidInputError naming every field that is wrong.
 */
export function readDeliverRequest(
  request: DeliverRequest,
  now: number,
  checkSecret: (secret: string) => void,
): Delivery {
  const problems = unknownOptions(request, MEMBERS);
  const { targetUrl, headers, maxAttempts, timeout, eventId, secret, tags, copyOf, trace } = request;
  if (typeof targetUrl !== "string") problems.push({ path: ["targetUrl"], detail: "must be a string" });
  const traced = trace === undefined ? undefined : collectProblems(problems, () => metaGiven(trace));
  const delivery: Delivery = {
    targetUrl,
    payload: readPayload(request.payload, problems),
    headers: headers === undefined ? undefined : readHeaders(headers, problems),
    runAt: dueAt(request, now, problems),
    maxAttempts: maxAttempts === undefined ? DEFAULT_ATTEMPTS : readMaxAttempts(maxAttempts, problems),
    timeoutMs: timeout === undefined ? undefined : readTimeout(timeout, problems),
    eventId,
    secret,
    tags: tags === undefined ? undefined : collectProblems(problems, () => tagsOf(tags)),
    meta: copyOf === undefined ? traced : collectProblems(problems, () => metaOfCopy(copyOf, traced)),
  };
  if (eventId !== undefined) checkEventId(eventId, problems);
  if (secret !== undefined) readSecret(secret, checkSecret, problems);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return delivery;
}

function readPayload(payload: unknown, problems: FieldProblem[]): string {
  if (payload === undefined) {
    problems.push({ path: ["payload"], detail: "is required, and must be a JSON value" });
    return "";
  }
  return collectProblems(problems, () => jsonOf(payload, ["payload"])) ?? "";
}

function readMaxAttempts(value: number, problems: FieldProblem[]): number {
  return (
    collectProblems(problems, () => wholeNumberOf(value, 1, MOST_ATTEMPTS, ["maxAttempts"])) ?? MOST_ATTEMPTS
  );
}

function readTimeout(value: Duration, problems: FieldProblem[]): number | undefined {
  return collectProblems(problems, () => timeoutOf(value));
}

function checkEventId(value: string, problems: FieldProblem[]): void {
  if (typeof value === "string" && EVENT_ID.test(value)) return;
  problems.push({ path: ["eventId"], detail: 'must be 1 to 256 visible ASCII characters, without "."' });
}

function readSecret(value: string, check: (secret: string) => void, problems: FieldProblem[]): void {
  if (typeof value === "string") collectProblems(problems, () => check(value));
  else problems.push({ path: ["secret"], detail: "must be a string" });
}
