import { type DestinationStream, pino } from "pino";
import { ConfigurationError, isError, messageOf } from "../core/errors.ts";
import { refuseUnknownSettings } from "../core/options.ts";
import { errorDetailOf } from "../core/thrown/error-detail.ts";
import { readableLine } from "./readable-line.ts";
import { redactUrl } from "./redact-url.ts";

/**
 * What Posthorn needs of a logger, such as pino's. Fields come first, then a constant message, so that lines of one kind can be found. The
 * field `err` (an Error) is written with its stack and cause; a field that is a URL, without its userinfo and query.
 */
export interface Log {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** For what handlers log at this level; Posthorn itself uses the three above. */
  trace?(fields: LogFields, message: string): void;
  debug?(fields: LogFields, message: string): void;
  fatal?(fields: LogFields, message: string): void;
}

export type LineLevel = keyof Log;

export type LogFields = Readonly<Record<string, unknown>>;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** The lowest level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Lines for people instead of JSON. Default false. */
  readonly pretty?: boolean;
  /** Where lines go, each with its line break. Default: standard error. */
  readonly destination?: DestinationStream;
}

/**
 * A logger that writes one line per entry to standard error, synchronously: a line is out before the next statement runs, so a
 * crash loses none.
 *
 * @throws ConfigurationError for an option that is wrong.
 * @example
 * const log = createLog({ level: "warn" });
 * log.warn({ targetUrl, attempts: 3 }, "delivery failed");
 */
export function createLog(options: LogOptions = {}): Log {
  refuseUnknownSettings("createLog", options, ["level", "pretty", "destination"]);
  const { level = "info", pretty = false, destination } = options;
  if (!LOG_LEVELS.includes(level))
    throw new ConfigurationError(`createLog: level must be one of ${LOG_LEVELS.join(", ")}`);
  if (typeof pretty !== "boolean") throw new ConfigurationError("createLog: pretty must be true or false");
  if (destination !== undefined && typeof destination?.write !== "function")
    throw new ConfigurationError("createLog: destination must be a stream, such as process.stdout");
  const sink = destination ?? pino.destination({ fd: 2, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withoutSecrets },
      serializers: { err: errorFields },
    },
    pretty ? { write: (line: string) => sink.write(readableLine(line)) } : sink,
  );
}

/** A logger that discards every line. */
export const silentLog = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
} satisfies Log;

function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, withoutUrlSecrets(value)]));
}

function withoutUrlSecrets(value: unknown): unknown {
  if (value instanceof URL) return redactUrl(value.href);
  return typeof value === "string" && /^https?:/i.test(value) ? redactUrl(value) : value;
}

/** Only what an error is known to have: libraries hang sockets, requests and their headers on theirs. */
function errorFields(thrown: unknown): unknown {
  return isError(thrown) ? errorDetailOf(thrown) : messageOf(thrown);
}
