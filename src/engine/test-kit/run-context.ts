import type { Abortable } from "../../core/abortable.ts";
import { silentLog } from "../../observe/log.ts";
import type { RunContext } from "../task.ts";

/** What a handler's first attempt is given, for handlers that are called directly. */
export function runContext(signal: AbortSignal): RunContext {
  return { event: undefined, signal, attempt: 1, log: silentLog, progress() {}, ...abortedBy(signal) };
}

/** Told to stop by a signal. */
export function abortedBy(signal: AbortSignal): Abortable {
  return {
    onAbort(listener) {
      const tell = () => listener(signal.reason);
      if (signal.aborted) tell();
      else signal.addEventListener("abort", tell, { once: true });
      return () => signal.removeEventListener("abort", tell);
    },
  };
}
