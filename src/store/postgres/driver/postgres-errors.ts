import { messageOf, PosthornError, StoreUnavailableError, StoreUnusableError } from "../../../core/errors.ts";
import { explainConnection, isFileError } from "./connection-errors.ts";
import { codeOf } from "./error-code.ts";
import { DEFAULT_SCHEMA } from "./schema.ts";

const DEADLOCK = "40P01";
const SERIALIZATION = "40001";
const READ_ONLY = "25006";
const LOCK_TIMEOUT = "55P03";
const STATEMENT_TIMEOUT = "57014";
const DISK_FULL = "53100";
const MISSING_TABLE = ["42P01", "3F000"];
const NOT_ALLOWED = "42501";
/** Connection exceptions; insufficient resources, a full disk among them; the operator's shutdown. */
const UNAVAILABLE = /^(08|53|57P|58)/;
/** Of a connection that failed; those of Node's own, ERR_…, tell of something else. */
const NODE_CODE = /^E(?!RR_|PROTO$)[A-Z]/;
/** What node-postgres says without a code when a connection is gone. */
const GONE =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout|Query read timeout)/;

/** Whether the transaction was rolled back because of a conflict with another one, and may well succeed if tried again. */
export function isWorthAnotherTry(thrown: unknown): boolean {
  return [DEADLOCK, SERIALIZATION].includes(codeOf(thrown));
}

/** Whether a lock could not be acquired within its timeout. */
export function isLockTimeout(thrown: unknown): boolean {
  return hasCode(thrown, LOCK_TIMEOUT);
}

/** Whether the server takes no writes, while everything can still be read. */
export function takesNoWrites(thrown: unknown): boolean {
  return [DISK_FULL, READ_ONLY].includes(codeOf(thrown));
}

/** Whether only the schema's owner may do this. */
export function isNotAllowed(thrown: unknown): boolean {
  return hasCode(thrown, NOT_ALLOWED);
}

function hasCode(thrown: unknown, code: string): boolean {
  return codeOf(thrown) === code || (thrown instanceof Error && codeOf(thrown.cause) === code);
}

/** Whether another host may do better: this one is gone, shutting down, or a standby. */
export function isHostLost(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (isFileError(thrown)) return false;
  if (code === READ_ONLY || /^(08|57P)/.test(code) || NODE_CODE.test(code)) return true;
  return thrown instanceof Error && GONE.test(thrown.message);
}

/** Whether it timed out: the server may be gone without having closed the connection. */
export function isUnanswered(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === "Query read timeout";
}

/** Turns an error of PostgreSQL or its driver into one of Posthorn's, with a sentence that says what to do. */
export function explain(thrown: unknown, where: string, schema = DEFAULT_SCHEMA): Error {
  if (thrown instanceof PosthornError) return thrown;
  const code = codeOf(thrown);
  const cause = { cause: thrown };
  if (code === LOCK_TIMEOUT || code === STATEMENT_TIMEOUT) {
    return new StoreUnavailableError(
      `the database ${where} did not answer in time; find out what is holding up its locks or its disk`,
      cause,
    );
  }
  if (code === READ_ONLY)
    return new StoreUnavailableError(
      `the database ${where} takes no writes; it is a standby, or read-only`,
      cause,
    );
  if (MISSING_TABLE.includes(code)) {
    return new StoreUnusableError(
      `the schema ${schema} of the database ${where} is gone or incomplete; restore it, or drop it and run posthorn migrate`,
      cause,
    );
  }
  if (code === NOT_ALLOWED) {
    return new StoreUnusableError(
      `this user may not use the schema ${schema} of the database ${where}; connect as its owner, or grant it the rights`,
      cause,
    );
  }
  const explained = explainConnection(thrown, where);
  if (explained) return explained;
  if (isHostLost(thrown) || UNAVAILABLE.test(code)) {
    return new StoreUnavailableError(
      `the database ${where} cannot be reached, or is not ready (${messageOf(thrown)}); check that it is running, and look at its log`,
      cause,
    );
  }
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Like `explain`, for errors while connecting: an unforeseen one cannot be a statement's fault. */
export function explainNoConnection(thrown: unknown, where: string): Error {
  const explained = explain(thrown, where);
  if (explained instanceof PosthornError) return explained;
  return new StoreUnusableError(
    `the database ${where} refuses the connection (${messageOf(thrown)}); check its connection string`,
    { cause: thrown },
  );
}
