/** Anything that Posthorn throws on purpose: a stable `code` to branch on, a message that says what to do. */
export abstract class PosthornError extends Error {
  abstract readonly code: string;

  override get name(): string {
    return this.constructor.name;
  }
}

/** One thing wrong with what a caller gave: where it stands, and what would be right. */
export interface FieldProblem {
  /** Where: `["targetUrl"]`, `["headers", "Host"]`. Empty for the whole. */
  readonly path: readonly (string | number)[];
  readonly detail: string;
}

/** What a caller gave cannot be used; `problems` names every field that is wrong. */
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

/** The job's status does not allow what was asked (only failed and cancelled jobs are queued again, only live ones cancelled). */
export class JobStateError extends PosthornError {
  readonly code = "job_state";
}

/** The idempotency key was used before with another request. */
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

/** What was given as a transaction is none, is one of another database than the jobs', or can write nothing any more; nothing was written. */
export class TransactionError extends PosthornError {
  readonly code = "transaction";
}

/** More is waiting than memory is set aside for; nothing of this request was kept. Try again after `retryAfterSeconds`. */
export class OverloadedError extends PosthornError {
  readonly code = "overloaded";
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds = 1) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The database cannot take writes now (locked, full, read-only, gone). What was asked was not done. */
export class StoreUnavailableError extends PosthornError {
  readonly code = "store_unavailable";
  readonly retryAfterSeconds = 5;
}

/** The database cannot be used at all: not a database, another product's, a newer schema. Needs a person. */
export class StoreUnusableError extends PosthornError {
  readonly code = "store_unusable";
}

/** A setting (flag, environment variable, option) is wrong; the message names it and says what it takes. */
export class ConfigurationError extends PosthornError {
  readonly code = "configuration";
}

/** A best-effort task was still at it when its time was up. Its signal was aborted; what it does after that is not waited for. */
export class TaskTimeoutError extends PosthornError {
  readonly code = "task_timeout";
}

/** A best-effort task gave up, or asked to be run again, which only a job can be. */
export class TaskGaveUpError extends PosthornError {
  readonly code = "task_gave_up";
}

/** Whether it is an error, also one of another realm: test runners that give each file a realm of its own meet Node's. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
}

/** The text of anything thrown, for a record or a log line. It never throws itself, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return String(isError(thrown) ? thrown.message : thrown); // some give an error a message that is no text
  } catch {
    return "something without a text was thrown"; // an object without a prototype, or a getter or proxy that throws
  }
}
