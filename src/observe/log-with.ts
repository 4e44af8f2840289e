import type { Log, LogFields } from "./log.ts";

/** A log whose lines all carry these fields. A line's own win. */
export function logWith(log: Log, fields: LogFields): Log {
  return {
    info: (own, message) => log.info({ ...fields, ...own }, message),
    warn: (own, message) => log.warn({ ...fields, ...own }, message),
    error: (own, message) => log.error({ ...fields, ...own }, message),
  };
}
