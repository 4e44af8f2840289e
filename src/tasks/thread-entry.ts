import type { Log, LogFields } from "../observe/log.ts";
import type { TaskContext } from "./task-definition.ts";
import { type FromThread, type ToThread, toClone, type Wanted } from "./thread-messages.ts";

/** Runs in a thread of the pool: loads the module and calls its handler, with a context that speaks to the other side. */
export default async function runInThread({ module, input, attempt, job, port }: Wanted) {
  const abort = new AbortController();
  port.on("message", ({ reason }: ToThread) => abort.abort(new Error(reason)));
  const send = (message: FromThread) => port.postMessage(message);
  const line = (level: "info" | "warn" | "error") => (fields: LogFields, message: string) =>
    send({ kind: "log", level, fields: plain(fields), message });
  const log: Log = { info: line("info"), warn: line("warn"), error: line("error") };
  const context: TaskContext = {
    signal: abort.signal,
    attempt,
    job,
    log,
    progress: (fraction, note) => send({ kind: "progress", fraction, note }),
  };
  try {
    const { default: handler } = (await import(module)) as {
      default?: (input: unknown, context: TaskContext) => Promise<unknown>;
    };
    if (typeof handler !== "function")
      throw new TypeError(
        `${module} has no function as its default export, which a task's thread has to have`,
      );
    return toClone(await handler(input, context));
  } finally {
    port.close();
  }
}

/** What can be sent between threads: errors go as they are, anything else as JSON would have it. */
function plain(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? value : JSON.parse(JSON.stringify(value ?? null)),
    ]),
  );
}
