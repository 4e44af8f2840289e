import { extname } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import { messageOf } from "../core/errors.ts";
import type { TaskContext } from "./task-definition.ts";
import { type FromThread, fromClone, type ToThread, type Wanted } from "./thread-messages.ts";

/** Between telling a thread to stop and ending it, and all that it holds. */
const GRACE_MS = 1_000;
/** An idle thread is ended after this. */
const IDLE_MS = 30_000;

/** Beside this file, whether it runs as TypeScript or was built. */
const ENTRY = new URL(`./thread-entry${extname(import.meta.url)}`, import.meta.url).href;

/**
 * Runs handlers in threads, so that computing does not hold up the event loop. A thread that crashes, exits or has to be ended
 * takes only its own attempt with it.
 */
export class Threads {
  readonly #most: number;
  #pool: Piscina | undefined;

  /** @param most threads at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param module the URL of a module whose default export is the handler. */
  async run(module: string, input: unknown, context: TaskContext): Promise<unknown> {
    const { signal, attempt, job, log } = context;
    signal.throwIfAborted();
    const { port1: port, port2: itsPort } = new MessageChannel();
    const end = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
      port.postMessage({ kind: "abort", reason: messageOf(signal.reason) } satisfies ToThread);
      timer = setTimeout(() => end.abort(signal.reason), GRACE_MS);
    };
    port.on("message", (message: FromThread) => {
      if (message.kind === "progress") context.progress(message.fraction, message.note);
      else log[message.level](message.fields, message.message);
    });
    port.unref();
    signal.addEventListener("abort", stop);
    const wanted: Wanted = { module, input, attempt, job, port: itsPort };
    try {
      return fromClone(await this.#open().run(wanted, { transferList: [itsPort], signal: end.signal }));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      port.close();
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #open(): Piscina {
    this.#pool ??= new Piscina({
      filename: ENTRY,
      minThreads: 0,
      maxThreads: this.#most,
      idleTimeout: IDLE_MS,
      // a thread runs one handler at a time
      concurrentTasksPerWorker: 1,
    });
    return this.#pool;
  }
}
