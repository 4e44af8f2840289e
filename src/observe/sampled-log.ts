import { type Clock, systemClock } from "../core/clock.ts";
import type { Log, LogFields } from "./log.ts";

/** How many lines with one message are written within a second. */
const MOST_LINES = 100;
const SECOND = 1_000;

interface Kind {
  /** When its second is over. */
  until: number;
  written: number;
  leftOut: number;
}

/**
 * A log that an outage does not flood: of more lines with one message than a hundred within a second, the rest is left out, and it is said
 * how many. Messages have to be constant.
 */
export function sampledLog(log: Log, clock: Clock = systemClock): Log {
  const kinds = new Map<string, Kind>();
  const line = (level: "info" | "warn" | "error") => (fields: LogFields, message: string) => {
    const now = clock.now();
    let kind = kinds.get(message);
    if (!kind || now >= kind.until || now < kind.until - SECOND) {
      kind = { until: now + SECOND, written: 0, leftOut: 0 };
      kinds.set(message, kind);
    }
    if (kind.written < MOST_LINES) {
      kind.written++;
      log[level](fields, message);
    } else if (kind.leftOut++ === 0) sayLater(kind, message, kind.until - now);
  };
  const sayLater = (kind: Kind, message: string, ms: number) =>
    clock.after(ms, () => log.warn({ line: message, leftOut: kind.leftOut }, "log lines were left out"));
  return { info: line("info"), warn: line("warn"), error: line("error") };
}
