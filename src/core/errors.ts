import { knownAnywhere } from "./known-anywhere.ts";

/** The base of every error that Posthorn throws on purpose: a stable `code` to branch on, and a message that says what to do. */
export abstract class PosthornError extends Error {
  static {
    knownAnywhere(PosthornError, "PosthornError");
  }

  abstract readonly code: string;
  /** Whether the same call may succeed a little later, without any change by the caller. */
  readonly retryable: boolean = false;

  override get name(): string {
    return this.constructor.name;
  }
}

/** A problem with what the caller passed: where it is, and what would be right. */
export interface FieldProblem {
  /** Where the problem is: `["targetUrl"]`, `["headers", "Host"]`. Empty for the input as a whole. */
  readonly path: readonly (string | number)[];
  readonly detail: string;
  /** `input`: the field belongs to the task's input, which may have a field named like an option. Absent: an option of the call itself. */
  readonly of?: "input";
}

/** The input is invalid; `problems` names every invalid field. */
export class InvalidInputError extends PosthornError {
  static {
    knownAnywhere(InvalidInputError, "InvalidInputError");
  }

  readonly code = "invalid_input";
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    super(problems.map(({ path, detail }) => `${path.join(".") || "input"}: ${detail}`).join("; "));
    this.problems = problems;
  }
}

/** No job has this id, or it was pruned after its retention. */
export class JobNotFoundError extends PosthornError {
  static {
    knownAnywhere(JobNotFoundError, "JobNotFoundError");
  }

  readonly code = "job_not_found";

  constructor(id: string) {
    super(`no job has the id ${JSON.stringify(id)}; it may have been pruned after its retention`);
  }
}

/** There is no tenant, endpoint, event or event type of this name, or it belongs to another tenant. */
export class NotFoundError extends PosthornError {
  readonly code: string;

  /** @param what `tenant`, `endpoint`: the code is this with `_not_found`. */
  constructor(what: string, name: string) {
    super(`there is no ${what.replaceAll("_", " ")} ${shownName(name)}`);
    this.code = `${what}_not_found`;
  }
}

/** Without types, it may be anything, of any length. */
export function shownName(name: unknown): string {
  if (typeof name !== "string") return "of this name, which is not a string";
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}

/** The call conflicts with what exists, such as a name that is taken or an event id that was used. `code` says which. */
export class ConflictError extends PosthornError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The job's status does not allow this: only failed and cancelled jobs can be queued again, and only live ones cancelled. */
export class JobStateError extends PosthornError {
  static {
    knownAnywhere(JobStateError, "JobStateError");
  }

  readonly code = "job_state";
}

/** The job kept moving between states, so it could not be changed; nothing was changed. Try again. */
export class JobBusyError extends PosthornError {
  static {
    knownAnywhere(JobBusyError, "JobBusyError");
  }

  readonly code = "job_busy";
  override readonly retryable = true;
  readonly retryAfterSeconds = 1;

  constructor(id: string) {
    super(`the job ${id} kept moving between states and could not be changed; try again`);
  }
}

/** The idempotency key was used before with a different request. */
export class KeyReusedError extends PosthornError {
  static {
    knownAnywhere(KeyReusedError, "KeyReusedError");
  }

  readonly code = "idempotency_key_reused";

  constructor() {
    super("this idempotency key was used with a different request; use a new key for a new request");
  }
}

/** The idempotency key was used before, and this server was told to reject every reuse. */
export class DuplicateKeyError extends PosthornError {
  static {
    knownAnywhere(DuplicateKeyError, "DuplicateKeyError");
  }

  readonly code = "idempotency_key_duplicate";

  constructor() {
    super("this idempotency key was used before, and duplicates are rejected here (--duplicate-keys reject)");
  }
}

/** The value passed as `tx` is not a transaction of the jobs' database, or can no longer write. Nothing was written. */
export class TransactionError extends PosthornError {
  static {
    knownAnywhere(TransactionError, "TransactionError");
  }

  readonly code = "transaction";
}

/** Too many requests are waiting; nothing of this one was stored. Try again after `retryAfterSeconds`. */
export class OverloadedError extends PosthornError {
  static {
    knownAnywhere(OverloadedError, "OverloadedError");
  }

  readonly code = "overloaded";
  override readonly retryable = true;
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds = 1) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A tenant or a key sends more events than it may; this one was not stored. Try again after `retryAfterSeconds`. */
export class RateLimitedError extends PosthornError {
  readonly code = "rate_limited";
  override readonly retryable = true;
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * The database cannot be written now (locked, full, read-only, unreachable). Nothing was done, unless the connection was lost during the
 * commit: then it is unknown, and only repeating the call with the same idempotency key is safe.
 */
export class StoreUnavailableError extends PosthornError {
  static {
    knownAnywhere(StoreUnavailableError, "StoreUnavailableError");
  }

  readonly code = "store_unavailable";
  override readonly retryable = true;
  readonly retryAfterSeconds = 5;
}

/** The database cannot be used at all: it is not a database, is another product's, or has a newer schema. A person has to look at it. */
export class StoreUnusableError extends PosthornError {
  static {
    knownAnywhere(StoreUnusableError, "StoreUnusableError");
  }

  readonly code = "store_unusable";
}

/** A setting (flag, environment variable, option) is invalid; the message names it and says what it takes. */
export class ConfigurationError extends PosthornError {
  static {
    knownAnywhere(ConfigurationError, "ConfigurationError");
  }

  readonly code = "configuration";
}

/** A best-effort task was still running when its time was up. Its signal was aborted, and what it does after that is ignored. */
export class TaskTimeoutError extends PosthornError {
  static {
    knownAnywhere(TaskTimeoutError, "TaskTimeoutError");
  }

  readonly code = "task_timeout";
}

/** A best-effort task returned `discard`, or asked to run again, which only jobs can do. */
export class TaskGaveUpError extends PosthornError {
  static {
    knownAnywhere(TaskGaveUpError, "TaskGaveUpError");
  }

  readonly code = "task_gave_up";
}

/**
 * Returns whether this is an error, including one from another realm: Node's own errors are, in test runners that give each file a realm of
 * its own.
 */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
}

/** In characters. Some errors quote all of their input, and every error is stored with its attempt and shown in lists. */
const LONGEST_TEXT = 10_000;
/** The length of the note that says how much was cut; a message may be longer by this much. */
const LONGEST_MARK = 40;
const LONGEST_JSON = 1_000;
const MOST_CAUSES = 8;
const MOST_PARTS = 5;
/** Members with these names often hold a secret, in objects that are thrown instead of errors. */
const SECRET_MEMBER = /auth|cookie|header|key|pass|secret|session|token|config|request/i;

/**
 * Returns a message for anything that was thrown, for a record or a log line. For an error: its message, followed by those of its causes
 * and parts that it does not already contain. For anything else: its own `message`, or the value as JSON. Never throws, whatever was
 * thrown.
 */
export function messageOf(thrown: unknown): string {
  return shortened(textOf(thrown, new Set()));
}

/** Cuts a message to the length that is stored. A message that has been cut already stays as it is. */
export function shortened(text: string): string {
  const excess = text.length - LONGEST_TEXT;
  return excess <= LONGEST_MARK ? text : `${text.slice(0, LONGEST_TEXT)}… (${excess} characters more)`;
}

/** @param seen the errors that led here, so that an error that is its own cause is not repeated. */
function textOf(thrown: unknown, seen: ReadonlySet<unknown>): string {
  try {
    if (!isError(thrown)) return textOfValue(thrown);
    const around = new Set([...seen, thrown]);
    const further = [partsOf(thrown), thrown instanceof PosthornError ? [] : [thrown.cause]].map((each) =>
      each.filter((part) => part !== undefined && !around.has(part)),
    );
    const [parts = [], causes = []] = around.size > MOST_CAUSES ? [] : further;
    const listed = [...new Set(parts.slice(0, MOST_PARTS).map((part) => textOf(part, around)))];
    if (parts.length > MOST_PARTS) listed.push(`and ${parts.length - MOST_PARTS} more`);
    const message = ownMessage(thrown);
    const texts = [message, listed.join("; "), ...causes.map((cause) => textOf(cause, around))];
    const told = texts.filter((text, at) => text !== "" && !texts.slice(0, at).some((e) => e.includes(text)));
    return told.length > 0 ? told.join(": ") : nameOf(thrown);
  } catch {
    return "something without a message was thrown"; // an object without a prototype, or a getter or proxy that throws
  }
}

/** Some give an error a message that is not a string. */
function ownMessage({ message }: Error): string {
  return message === undefined || message === null ? "" : String(message);
}

/** Each of several errors in one (AggregateError, SuppressedError). */
function partsOf(error: Error): unknown[] {
  if ("errors" in error && Array.isArray(error.errors)) return error.errors;
  return "suppressed" in error && "error" in error ? [error.error, error.suppressed] : [];
}

/** Stands in for a missing message. */
function nameOf(error: Error): string {
  const code = "code" in error && (typeof error.code === "string" || typeof error.code === "number");
  return code ? String(error.code) : error.name || "an error without a message";
}

function textOfValue(thrown: unknown): string {
  if (typeof thrown === "function") return `a function was thrown, ${thrown.name || "without a name"}`;
  if (typeof thrown !== "object" || thrown === null) return String(thrown) || "an empty string was thrown";
  if ("message" in thrown && typeof thrown.message === "string" && thrown.message) return thrown.message;
  const json = JSON.stringify(thrown, (name, value) => (SECRET_MEMBER.test(name) ? "[redacted]" : value));
  if (json !== undefined && json !== "{}")
    return json.length > LONGEST_JSON ? `${json.slice(0, LONGEST_JSON)}…` : json;
  const status =
    "status" in thrown && typeof thrown.status === "number" ? ` with status ${thrown.status}` : "";
  return `${thrown}${status}`; // a Response, a Map
}
