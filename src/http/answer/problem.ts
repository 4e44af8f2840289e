import type { FieldError } from "../request/request-error.ts";
import { json } from "./answer.ts";

/** Problem details (RFC 9457) with a stable `code` and, for bad fields, `errors`. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[] | undefined;
  /** Identifies this occurrence, in the answer and in the log. */
  readonly instance?: string;
}

const PROBLEM_JSON = "application/problem+json";

/** The phrases of RFC 9110 §15: the title that `about:blank` requires. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

export function problemAnswer(problem: Problem, headers?: Readonly<Record<string, string>>): Response {
  const { status, code, detail, errors, instance } = problem;
  const body = { type: "about:blank", title: TITLES[status], status, detail, code, instance, errors };
  return json(status, body, { ...headers, "content-type": PROBLEM_JSON });
}
