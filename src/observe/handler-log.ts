import { format } from "node:util";
import { isError, messageOf } from "../core/errors.ts";
import type { LineLevel, Log, LogFields } from "./log.ts";
import { redactUrl } from "./redact-url.ts";

/**
 * Writes one line: fields and a message, a message alone, or an error, which becomes the field `err`. Further arguments
 * fill the message's `%s`, `%d` and `%o`, or follow it.
 */
export interface HandlerLine {
  (fields: LogFields, message?: string, ...more: readonly unknown[]): void;
  (said: string | Error, ...more: readonly unknown[]): void;
}

/**
 * A handler's log. Logging never fails the handler, whatever is logged. If the log behind it lacks a level, lines of `trace` and `debug`
 * are left out, and lines of `fatal` are written as errors.
 */
export interface HandlerLog {
  readonly trace: HandlerLine;
  readonly debug: HandlerLine;
  readonly info: HandlerLine;
  readonly warn: HandlerLine;
  readonly error: HandlerLine;
  readonly fatal: HandlerLine;
}

/** A line's fields and message. */
interface Line {
  readonly fields: LogFields;
  readonly message: string;
}

/** A log for a handler, on another whose lines then carry these fields too. */
export function handlerLog(log: Log, carried: LogFields): HandlerLog {
  const line =
    (level: LineLevel): HandlerLine =>
    (...said: readonly unknown[]) => {
      try {
        const { fields, message } = lineOf(said);
        log[level]?.({ ...carried, ...fields }, message);
      } catch (thrown) {
        // a getter or a proxy among the fields, or a log of the user's own that cannot write now
        leaveOut(() => log[level]?.({ ...carried, unwritable: messageOf(thrown) }, textAmong(said)));
      }
    };
  return {
    ...{ trace: line("trace"), debug: line("debug"), info: line("info"), warn: line("warn") },
    ...{ error: line("error"), fatal: line(log.fatal ? "fatal" : "error") },
  };
}

/**
 * Reads the arguments of a call, in pino's order (fields, message) or console's (message, more). An error becomes the field `err` wherever
 * it stands, because as text it would show what libraries hang on theirs.
 */
function lineOf(said: readonly unknown[]): Line {
  const err = said.find(isError);
  const [first, ...more] = err === undefined ? said : said.filter((each) => each !== err);
  const withError = err === undefined ? {} : { err };
  if (typeof first === "object" && first !== null)
    return { fields: { ...withError, ...first }, message: more.length === 0 ? "" : textOf(more) };
  if (first === undefined && err !== undefined) return { fields: withError, message: messageOf(err) };
  return { fields: withError, message: textOf([first, ...more]) };
}

function textOf(said: readonly unknown[]): string {
  return format(...said.map((each) => (each instanceof URL ? redactUrl(each.href) : each)));
}

function textAmong(said: readonly unknown[]): string {
  return said.find((each) => typeof each === "string") ?? "";
}

function leaveOut(write: () => void): void {
  try {
    write();
  } catch {
    // a line is lost; the handler goes on
  }
}
