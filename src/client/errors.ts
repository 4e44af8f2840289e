/** The base of every error that `posthorn/client` throws on purpose: a stable `code` to branch on, and a message that says what to do. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
  /** `configuration` and `invalid_input` are mistakes of the program; other codes are the server's own, or `unreachable`. */
  readonly code: string;
  /** Whether the same call may succeed a little later, without any change by the caller. */
  readonly retryable: boolean;

  constructor(code: string, message: string, { retryable = false, cause }: ClientErrorOptions = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.retryable = retryable;
  }
}

/** Programs without types may pass anything. @throws ClientError `invalid_input`, saying what it must be. */
export function refuseOther(given: object, name: string, what: string): void {
  if (typeof given === "object" && given !== null) return;
  throw new ClientError("invalid_input", `${name}: must be ${what}`);
}

interface ClientErrorOptions {
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Where in the request something is wrong. */
export interface ProblemField {
  /** A JSON Pointer (RFC 6901) into the body, such as `/input/orderId`. */
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** Problem details (RFC 9457), as the server sends them. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** Identifies this occurrence, in the server's log as well. */
  readonly instance?: string;
  readonly errors?: readonly ProblemField[];
}

/** The server refused the request, or could not accept it, even after retries. */
export class ProblemError extends ClientError {
  override readonly name = "ProblemError";
  readonly status: number;
  /** The whole problem document. An answer from a proxy in front of the server is put into the same form, with the code `http_<status>`. */
  readonly problem: Problem;
  /** When to try again, in milliseconds from now, if the server said so. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs: number | undefined) {
    super(problem.code, problem.detail, { retryable: isTemporary(problem.status) });
    this.status = problem.status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No response came back in time; the request may have been accepted nevertheless. `cause` says what happened. */
export class UnreachableError extends ClientError {
  override readonly name = "UnreachableError";

  constructor(url: string, cause: unknown) {
    super("unreachable", `${url} did not answer: ${cause instanceof Error ? cause.message : String(cause)}`, {
      retryable: true,
      cause,
    });
  }
}

/** 502 and 504 are a proxy's: the server behind it restarts, or took too long. */
function isTemporary(status: number): boolean {
  return status === 429 || (status >= 502 && status <= 504);
}
