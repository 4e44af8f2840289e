import {
  ConflictError,
  DuplicateKeyError,
  type FieldProblem,
  InvalidInputError,
  JobBusyError,
  KeyReusedError,
  NotFoundError,
  OverloadedError,
  PosthornError,
  RateLimitedError,
  StoreUnavailableError,
} from "../../core/errors.ts";
import { json } from "../answer/answer.ts";
import { RequestError } from "../request/request-error.ts";

/** A problem with a request; `loc` starts with body, query or path. */
export interface SvixProblem {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** `value_error`, or `value_error.jsondecode` where the body is not what its type asks for. */
  readonly type: string;
}

/** A request is answered with this, in the form that Svix's clients expect. Its message is shown, so it holds nothing secret. */
export class SvixError extends PosthornError {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** 422, with a list of what is wrong. */
export class SvixInvalid extends PosthornError {
  readonly code = "validation";
  readonly problems: readonly SvixProblem[];

  constructor(problems: readonly SvixProblem[]) {
    super("the request is invalid");
    this.problems = problems;
  }
}

export function notFound(detail = "there is no such thing here"): SvixError {
  return new SvixError(404, "not_found", detail);
}

export function invalid(loc: SvixProblem["loc"], msg: string, type = "value_error"): SvixInvalid {
  return new SvixInvalid([{ loc, msg, type }]);
}

/**
 * The answer to a thrown error; undefined for an unexpected one.
 * @param place where the request says what it asks for.
 */
export function answerOf(thrown: unknown, place: "body" | "query"): Response | undefined {
  if (thrown instanceof SvixInvalid) return json(422, { detail: thrown.problems });
  if (thrown instanceof InvalidInputError)
    return json(422, { detail: thrown.problems.map((problem) => problemOf(problem, place)) });
  if (thrown instanceof SvixError) return plain(thrown.status, thrown.code, thrown.message);
  if (thrown instanceof NotFoundError) return plain(404, "not_found", thrown.message);
  if (thrown instanceof ConflictError && thrown.code === "too_many_secrets")
    return plain(400, "limit_reached", thrown.message);
  if (
    thrown instanceof ConflictError ||
    thrown instanceof DuplicateKeyError ||
    thrown instanceof KeyReusedError
  )
    return plain(409, "conflict", thrown.message);
  if (thrown instanceof RateLimitedError)
    return plain(429, thrown.code, thrown.message, retryAfter(thrown.retryAfterSeconds));
  if (thrown instanceof RequestError) return refused(thrown);
  if (thrown instanceof OverloadedError || thrown instanceof JobBusyError)
    return plain(503, thrown.code, thrown.message, retryAfter(thrown.retryAfterSeconds));
  if (thrown instanceof StoreUnavailableError)
    return plain(
      503,
      thrown.code,
      "the database is unavailable; try again later",
      retryAfter(thrown.retryAfterSeconds),
    );
  return undefined;
}

function plain(status: number, code: string, detail: string, headers?: Record<string, string>): Response {
  return json(status, { code, detail }, headers);
}

/** The refusals of the rest of the API. */
function refused({ status, code, message }: RequestError): Response {
  if (status === 413) return plain(413, "payload_too_large", message);
  if (status === 403) return plain(403, "insufficient access", message);
  if (status === 401) return plain(401, "authentication_failed", message);
  if (status === 400 || status === 422) return plain(400, "generic_error", message);
  return plain(status, code, message);
}

function retryAfter(seconds: number) {
  return { "retry-after": String(seconds) };
}

/** The library's options by the names that they have here. */
const NAMES: Readonly<Record<string, string>> = {
  type: "eventType",
  limits: "throttleRate",
  isArchived: "archived",
  isDeprecated: "deprecated",
  runAt: "deliverAt",
};

const NAMES_IN_QUERIES: Readonly<Record<string, string>> = { type: "event_types" };

function problemOf({ path, detail }: FieldProblem, place: "body" | "query"): SvixProblem {
  const [first, ...rest] = path;
  const names = place === "body" ? NAMES : NAMES_IN_QUERIES;
  const loc = first === undefined ? [place] : [place, names[first] ?? first, ...rest];
  return { loc, msg: detail, type: "value_error" };
}
