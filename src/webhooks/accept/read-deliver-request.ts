import { type Duration, parseDuration } from "../../core/duration.ts";
import { type FieldProblem, InvalidInputError, messageOf } from "../../core/errors.ts";
import { collectProblems } from "./collect-problems.ts";
import { type DeliverRequest, JsonText } from "./deliver-request.ts";
import { readHeaders } from "./delivery-headers.ts";
import { readInstant } from "./instant.ts";

/** A DeliverRequest that was checked, its times worked out and its payload written. */
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
}

/** The first try and one for each pause of the schedule. */
const DEFAULT_ATTEMPTS = 10;
const MOST_ATTEMPTS = 100;
const SHORTEST_TIMEOUT_MS = 100;
const LONGEST_TIMEOUT_MS = 300_000;
/** A leap year, so that "today in a year" always fits. */
const FURTHEST_MS = 366 * 86_400_000;
/** Visible ASCII, no `.`: with one, what is signed could be read as another id and timestamp (Standard Webhooks 1.0). */
const EVENT_ID = /^[\x21-\x2d\x2f-\x7e]{1,256}$/;

const MEMBERS: ReadonlySet<string> = new Set([
  "targetUrl",
  "payload",
  "headers",
  "runAt",
  "delay",
  "maxAttempts",
  "timeout",
  "eventId",
  "secret",
] satisfies (keyof DeliverRequest)[]);

/**
 * Checks all that can be told without asking anyone; whether the target may be reached is for the target policy.
 * @param checkSecret throws InvalidInputError for a secret that could not sign.
 * @throws InvalidInputError naming every field that is wrong.
 */
export function readDeliverRequest(
  request: DeliverRequest,
  now: number,
  checkSecret: (secret: string) => void,
): Delivery {
  const problems: FieldProblem[] = [];
  for (const name in request) {
    if (!MEMBERS.has(name)) problems.push({ path: [name], detail: "is not known here" });
  }
  const { targetUrl, headers, maxAttempts, timeout, eventId, secret } = request;
  if (typeof targetUrl !== "string") problems.push({ path: ["targetUrl"], detail: "must be a text" });
  const delivery: Delivery = {
    targetUrl,
    payload: readPayload(request.payload, problems),
    headers: headers === undefined ? undefined : readHeaders(headers, problems),
    runAt: readRunAt(request, now, problems),
    maxAttempts: maxAttempts === undefined ? DEFAULT_ATTEMPTS : readMaxAttempts(maxAttempts, problems),
    timeoutMs: timeout === undefined ? undefined : readTimeout(timeout, problems),
    eventId,
    secret,
  };
  if (eventId !== undefined) checkEventId(eventId, problems);
  if (secret !== undefined) readSecret(secret, checkSecret, problems);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return delivery;
}

function readPayload(payload: unknown, problems: FieldProblem[]): string {
  if (payload instanceof JsonText) {
    if (!payload.text.isWellFormed()) {
      problems.push({ path: ["payload"], detail: "holds half a surrogate pair, which UTF-8 cannot carry" });
    }
    return payload.text;
  }
  try {
    const text: string | undefined = JSON.stringify(payload); // undefined for undefined, whatever its declared type says
    if (text !== undefined) return text;
    problems.push({ path: ["payload"], detail: "is required, and must be a JSON value" });
  } catch (error) {
    problems.push({ path: ["payload"], detail: `cannot be written as JSON: ${messageOf(error)}` });
  }
  return "";
}

function readRunAt(
  { runAt, delay }: DeliverRequest,
  now: number,
  problems: FieldProblem[],
): number | undefined {
  const at = runAt === undefined ? undefined : readInstant(runAt, ["runAt"], problems);
  const wait = delay === undefined ? undefined : readDuration(delay, ["delay"], problems);
  if (runAt !== undefined && delay !== undefined) {
    problems.push({
      path: ["delay"],
      detail: "cannot be given with a moment to run at; give one of the two",
    });
  }
  if (at !== undefined && at - now > FURTHEST_MS) {
    problems.push({ path: ["runAt"], detail: "must be at most a year (366 days) from now" });
  }
  if (wait !== undefined && wait > FURTHEST_MS) {
    problems.push({ path: ["delay"], detail: "must be at most a year (366d)" });
  }
  return at ?? (wait === undefined ? undefined : now + wait);
}

function readMaxAttempts(value: number, problems: FieldProblem[]): number {
  if (!Number.isInteger(value) || value < 1 || value > MOST_ATTEMPTS) {
    problems.push({ path: ["maxAttempts"], detail: `must be a whole number from 1 to ${MOST_ATTEMPTS}` });
  }
  return value;
}

function readTimeout(value: Duration, problems: FieldProblem[]): number | undefined {
  const ms = readDuration(value, ["timeout"], problems);
  if (ms !== undefined && (ms < SHORTEST_TIMEOUT_MS || ms > LONGEST_TIMEOUT_MS)) {
    problems.push({ path: ["timeout"], detail: "must be from 100ms to 5m" });
  }
  return ms;
}

function checkEventId(value: string, problems: FieldProblem[]): void {
  if (typeof value === "string" && EVENT_ID.test(value)) return;
  problems.push({ path: ["eventId"], detail: 'must be 1 to 256 visible ASCII characters, without "."' });
}

function readSecret(value: string, check: (secret: string) => void, problems: FieldProblem[]): void {
  if (typeof value === "string") collectProblems(problems, () => check(value));
  else problems.push({ path: ["secret"], detail: "must be a text" });
}

function readDuration(
  value: Duration,
  path: readonly string[],
  problems: FieldProblem[],
): number | undefined {
  return collectProblems(problems, () => parseDuration(value, path));
}
