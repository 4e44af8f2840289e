import { silentLog } from "../../observe/log.ts";
import type { RunContext } from "../task.ts";

/** What a handler's first attempt is given, for handlers that are called directly. */
export function runContext(signal: AbortSignal): RunContext {
  return { event: undefined, signal, attempt: 1, log: silentLog, progress() {} };
}
