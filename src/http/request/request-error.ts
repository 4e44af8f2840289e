import { type FieldProblem, PosthornError } from "../../core/errors.ts";

/** Where in a request something is wrong: a JSON Pointer (RFC 6901) into the body, a query parameter, or a header. */
export type FieldError =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string }
  | { readonly header: string; readonly detail: string };

export interface RequestErrorOptions {
  readonly status: number;
  /** Stable, to branch on. */
  readonly code: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The request cannot be answered as it is. Its message is the answer's `detail`, so it holds nothing secret. */
export class RequestError extends PosthornError {
  readonly code: string;
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(detail: string, { status, code, errors, headers = {} }: RequestErrorOptions) {
    super(detail);
    this.code = code;
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

/** The request cannot be understood: 400. */
export function badRequest(code: string, detail: string): RequestError {
  return new RequestError(detail, { status: 400, code });
}

/** A header that does not follow its standard: 400. */
export function badHeader(header: string, detail: string): RequestError {
  return new RequestError(`the ${header} header ${detail}`, {
    status: 400,
    code: "invalid_header",
    errors: [{ header, detail }],
  });
}

/** Query parameters that cannot be used: 422. */
export function badQuery(errors: readonly { parameter: string; detail: string }[]): RequestError {
  const named = errors.map(({ parameter, detail }) => `${parameter} ${detail}`).join("; ");
  return new RequestError(`the query is invalid: ${named}`, {
    status: 422,
    code: "invalid_input",
    errors,
  });
}

/** An answer should not be larger than the request that it refuses. */
const MOST_TOLD = 20;

/** Fields of the body that cannot be used: 422. */
export function badBody(problems: readonly FieldProblem[]): RequestError {
  const told = problems.slice(0, MOST_TOLD);
  const named = told.map(({ path, detail }) => `${path.join(".") || "the body"}: ${detail}`).join("; ");
  const more = problems.length > told.length ? `; and ${problems.length - told.length} more` : "";
  return new RequestError(named + more, {
    status: 422,
    code: "invalid_input",
    errors: told.map(({ path, detail }) => ({ pointer: jsonPointer(path), detail })),
  });
}

/** A step of a path as the API names it: the library's `targetUrl` is `target_url`. */
export function fieldNamed(step: string | number): string | number {
  return typeof step === "number" ? step : step.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** RFC 6901: `["headers", "a/b"]` is `/headers/a~1b`, and the whole body is the empty string. */
function jsonPointer(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
