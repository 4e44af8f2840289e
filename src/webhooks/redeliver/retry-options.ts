import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { collectProblems } from "../accept/collect-problems.ts";
import { readInstant } from "../accept/instant.ts";
import { laneOf } from "../accept/lane.ts";
import { parseTargetUrl } from "../targets/target-url.ts";
import type { RetryRequest } from "./retry-request.ts";

/** The task that queues failed or cancelled deliveries again. */
export const RETRY_TASK = "webhook.retry";

/** What a retry job takes, kept as its payload. Times are milliseconds since the epoch. */
export interface RetryOptions {
  readonly status: "failed" | "cancelled";
  readonly lane?: string;
  readonly createdFrom?: number;
  readonly createdBefore?: number;
}

/** @param text as `JSON.stringify` made it of RetryOptions. */
export function parseRetryOptions(text: string): RetryOptions {
  return JSON.parse(text) as RetryOptions; // only Webhooks.retryMany writes the payloads of this task
}

const MEMBERS: ReadonlySet<string> = new Set([
  "status",
  "targetUrl",
  "createdFrom",
  "createdBefore",
] satisfies (keyof RetryRequest)[]);

/** @throws InvalidInputError naming every field that is wrong. */
export function readRetryRequest(request: RetryRequest): RetryOptions {
  const problems: FieldProblem[] = [];
  for (const name in request) {
    if (!MEMBERS.has(name)) problems.push({ path: [name], detail: "is not known here" });
  }
  const { status = "failed", targetUrl } = request;
  if (status !== "failed" && status !== "cancelled") {
    problems.push({ path: ["status"], detail: "must be failed or cancelled" });
  }
  const lane = targetUrl === undefined ? undefined : readLane(targetUrl, problems);
  const createdFrom = readTime(request, "createdFrom", problems);
  const createdBefore = readTime(request, "createdBefore", problems);
  if (createdFrom !== undefined && createdBefore !== undefined && createdFrom >= createdBefore) {
    problems.push({ path: ["createdBefore"], detail: "must be later than the start of the span" });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return {
    status,
    ...(lane !== undefined && { lane }),
    ...(createdFrom !== undefined && { createdFrom }),
    ...(createdBefore !== undefined && { createdBefore }),
  };
}

/** Spelled by the same rules as when the delivery was accepted, so that the lanes meet. */
function readLane(targetUrl: string, problems: FieldProblem[]): string | undefined {
  if (typeof targetUrl === "string")
    return collectProblems(problems, () => laneOf(parseTargetUrl(targetUrl)));
  problems.push({ path: ["targetUrl"], detail: "must be a text" });
  return undefined;
}

function readTime(
  request: RetryRequest,
  name: "createdFrom" | "createdBefore",
  problems: FieldProblem[],
): number | undefined {
  const value = request[name];
  return value === undefined ? undefined : readInstant(value, [name], problems);
}
