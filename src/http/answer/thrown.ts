import {
  ConflictError,
  DuplicateKeyError,
  type FieldProblem,
  InvalidInputError,
  JobBusyError,
  JobNotFoundError,
  JobStateError,
  KeyReusedError,
  messageOf,
  NotFoundError,
  OverloadedError,
  RateLimitedError,
  StoreUnavailableError,
} from "../../core/errors.ts";
import { NOT_A_CURSOR } from "../../engine/lists.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { OneRequest } from "../../observe/request-events.ts";
import { BackupError } from "../../store/backups.ts";
import { badBody, badQuery, fieldNamed, RequestError } from "../request/request-error.ts";
import { problemAnswer } from "./problem.ts";

/** Turns whatever a route throws into a problem, and reports what the operator should know. */
export class ThrownAnswers {
  readonly #instrument: Instrument;

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  answer(thrown: unknown, request: OneRequest): Response {
    const answer = this.#answer(thrown, request);
    const { "request.refused": refused } = this.#instrument;
    if (refused.isHeard) refused.publish({ ...request, status: answer.status, error: thrown });
    return answer;
  }

  #answer(thrown: unknown, request: OneRequest): Response {
    if (thrown instanceof InvalidInputError)
      return this.#answer(wrongInput(thrown.problems.map(inSnakeCase), request), request);
    if (thrown instanceof RequestError) {
      const { status, code, message: detail, errors, headers } = thrown;
      return problemAnswer({ status, code, detail, errors }, headers);
    }
    if (thrown instanceof OverloadedError || thrown instanceof JobBusyError) {
      return problemAnswer({ status: 503, code: thrown.code, detail: thrown.message }, retryAfter(thrown));
    }
    if (thrown instanceof RateLimitedError)
      return problemAnswer({ status: 429, code: thrown.code, detail: thrown.message }, retryAfter(thrown));
    if (thrown instanceof StoreUnavailableError) return this.#storeUnavailable(thrown);
    const status = statusOf(thrown);
    if (status) return problemAnswer({ status, code: codeOf(thrown), detail: messageOf(thrown) });
    return this.#unexpected(thrown, request);
  }

  /** The log says what is wrong with the database; callers cannot fix it, and should not see its path. */
  #storeUnavailable(error: StoreUnavailableError): Response {
    this.#instrument["step.failed"].publish({ step: "answer", error });
    // a connection may be lost between a commit and its answer
    const detail =
      "the database is unavailable; try again later, with an Idempotency-Key if the request must not be carried out twice";
    return problemAnswer({ status: 503, code: error.code, detail }, retryAfter(error));
  }

  #unexpected(error: unknown, request: OneRequest): Response {
    const instance = `urn:uuid:${crypto.randomUUID()}`;
    this.#instrument["request.failed"].publish({ ...request, error, instance });
    const detail = "an unexpected error; the server's log has the details under this instance";
    return problemAnswer({ status: 500, code: "internal", detail, instance });
  }
}

/** Of a request without a body, it is a parameter that is wrong. What programs pass as `after` or `before` is its `cursor`. */
function wrongInput(problems: readonly FieldProblem[], { method }: OneRequest): RequestError {
  if (method !== "GET" && method !== "HEAD") return badBody(problems);
  return badQuery(
    problems.map(({ path: [name = "the query"], detail }) => {
      const parameter = detail === NOT_A_CURSOR ? "cursor" : String(name);
      return { parameter, detail };
    }),
  );
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof JobNotFoundError || thrown instanceof NotFoundError) return 404;
  if (
    thrown instanceof JobStateError ||
    thrown instanceof ConflictError ||
    thrown instanceof DuplicateKeyError
  )
    return 409;
  if (thrown instanceof KeyReusedError) return 422;
  if (thrown instanceof BackupError) return 503;
  return undefined;
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "internal";
}

function retryAfter({ retryAfterSeconds }: { retryAfterSeconds: number }): { "retry-after": string } {
  return { "retry-after": String(retryAfterSeconds) };
}

/** Only the first step is a field of ours: headers keep their names. */
function inSnakeCase({ path, detail }: FieldProblem): FieldProblem {
  return { path: path.map((step, at) => (at === 0 ? fieldNamed(step) : step)), detail };
}
