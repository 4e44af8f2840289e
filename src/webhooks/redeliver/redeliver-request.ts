import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { collectProblems, instantOf, unknownOptions } from "../../core/options.ts";
import type { Destinations } from "../destination.ts";

/** Which deliveries to queue again: those that meet every given condition. */
export interface RedeliverRequest {
  /** Default `failed`. */
  readonly status?: "failed" | "cancelled";
  /** Deliveries to this target; its query string is not compared. */
  readonly targetUrl?: string;
  /** Accepted at or after this time: a Date, or RFC 3339. */
  readonly createdFrom?: string | Date;
  /** Accepted before this time. */
  readonly createdBefore?: string | Date;
}

/** The task of the bulk run that queues failed or cancelled deliveries again. */
export const REDELIVER_TASK = "webhook.redeliver";

/** What that task was called before. Jobs of this name still run, and give the result that they promised. */
export const OLD_REDELIVER_TASK = "webhook.retry";

/** What it comes to. Times are milliseconds since the epoch. */
export interface RedeliverFilter {
  readonly status: "failed" | "cancelled";
  readonly lane?: string;
  readonly createdFrom?: number;
  readonly createdBefore?: number;
}

const MEMBERS = ["status", "targetUrl", "createdFrom", "createdBefore"] satisfies (keyof RedeliverRequest)[];

/** @throws InvalidInputError naming every field that is wrong. */
export function readRedeliverRequest(request: RedeliverRequest, destinations: Destinations): RedeliverFilter {
  const problems = unknownOptions(request, MEMBERS);
  const { status = "failed", targetUrl } = request;
  if (status !== "failed" && status !== "cancelled") {
    problems.push({ path: ["status"], detail: "must be failed or cancelled" });
  }
  const lane = targetUrl === undefined ? undefined : readLane(targetUrl, destinations, problems);
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

/** Normalised by the same rules as when the delivery was accepted, so that the lanes match. */
function readLane(
  targetUrl: string,
  destinations: Destinations,
  problems: FieldProblem[],
): string | undefined {
  if (typeof targetUrl === "string") {
    const destination = destinations.ofUrl(targetUrl);
    return collectProblems(problems, () => destination.lane(destination.read(targetUrl)));
  }
  problems.push({ path: ["targetUrl"], detail: "must be a string" });
  return undefined;
}

function readTime(
  request: RedeliverRequest,
  name: "createdFrom" | "createdBefore",
  problems: FieldProblem[],
): number | undefined {
  const value = request[name];
  return value === undefined ? undefined : collectProblems(problems, () => instantOf(value, [name]));
}
