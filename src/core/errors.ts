/** Anything that Posthorn throws on purpose: a stable `code` to branch on, a message that says what to do. */
export abstract class PosthornError extends Error {
  abstract readonly code: string;

  override get name(): string {
    return this.constructor.name;
  }
}

/** One thing wrong with what a caller passed: where it is, and what would be right. */
export interface FieldProblem {
  /** Where: `["targetUrl"]`, `["headers", "Host"]`. Empty for the input as a whole. */
  readonly path: readonly (string | number)[];
  readonly detail: string;
  /** `input`: it is a field of what a task takes, which may have the name of an option. Absent: of what the call itself takes. */
  readonly of?: "input";
}

/** The input cannot be used; `problems` names every field that is wrong. */
export class InvalidInputError extends PosthornError {
  readonly code = "invalid_input";
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    super(problems.map(({ path, detail }) => `${path.join(".") || "input"}: ${detail}`).join("; "));
    this.problems = problems;
  }
}

/** No job has this id, or it was pruned after its retention. */
export class JobNotFoundError extends PosthornError {
  readonly code = "job_not_found";

  constructor(id: string) {
    super(`no job has the id ${JSON.stringify(id)}; it may have been pruned after its retention`);
  }
}

/** The job's status does not allow this: only failed and cancelled jobs can be queued again, and only live ones cancelled. */
export class JobStateError extends PosthornError {
  readonly code = "job_state";
}

/** The idempotency key was used before with a different request. */
export class KeyReusedError extends PosthornError {
  readonly code = "idempotency_key_reused";

  constructor() {
    super("this idempotency key was used with a different request; use a new key for a new request");
  }
}

/** The idempotency key was used before, and this server was told to reject every reuse. */
export class DuplicateKeyError extends PosthornError {
  readonly code = "idempotency_key_duplicate";

  constructor() {
    super("this idempotency key was used before, and duplicates are rejected here (--duplicate-keys reject)");
  }
}

/** The value passed as `tx` is not a transaction of the jobs' database, or is one that can no longer write; nothing was written. */
export class TransactionError extends PosthornError {
  readonly code = "transaction";
}

/** More requests are waiting than memory is set aside for; nothing of this one was kept. Try again after `retryAfterSeconds`. */
export class OverloadedError extends PosthornError {
  readonly code = "overloaded";
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds = 1) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The database cannot take writes now (locked, full, read-only, gone). Nothing was done. */
export class StoreUnavailableError extends PosthornError {
  readonly code = "store_unavailable";
  readonly retryAfterSeconds = 5;
}

/** The database cannot be used at all: it is not a database, is another product's, or has a newer schema. A person has to look at it. */
export class StoreUnusableError extends PosthornError {
  readonly code = "store_unusable";
}

/** A setting (flag, environment variable, option) is wrong; the message names it and says what it takes. */
export class ConfigurationError extends PosthornError {
  readonly code = "configuration";
}

/** A best-effort task was still running when its time was up. Its signal was aborted; nothing waits for what it does after that. */
export class TaskTimeoutError extends PosthornError {
  readonly code = "task_timeout";
}

/** A best-effort task gave up, or asked to be run again, which only jobs can be. */
export class TaskGaveUpError extends PosthornError {
  readonly code = "task_gave_up";
}

/** Whether it is an error, including one from another realm: in test runners that give each file its own realm, Node's errors are. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
}

/** The message of anything thrown, for a record or a log line. It never throws, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return String(isError(thrown) ? thrown.message : thrown); // some give an error a message that is not a string
  } catch {
    return "something without a message was thrown"; // an object without a prototype, or a getter or proxy that throws
  }
}
