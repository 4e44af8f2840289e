import type { Outcome } from "../../core/outcome.ts";
import { startThread } from "../../core/process/start-thread.ts";
import type { TaskContext } from "../task-definition.ts";
import type { FromThread, LeftBehind, ThreadRun, ToThread } from "./thread-messages.ts";

/** One thread, which runs one handler after another until one of them ends it. It keeps the process alive while it runs one. */
export class Thread {
  readonly #worker = startThread(new URL("./thread-entry.ts", import.meta.url));
  #isUsable = true;

  /** @param leftBehind told of errors that a handler leaves behind. */
  constructor(leftBehind: (left: LeftBehind) => void) {
    this.#worker.unref();
    const spent = () => {
      this.#isUsable = false;
    };
    this.#worker.on("error", spent).once("exit", spent);
    this.#worker.on("message", (message: FromThread) => {
      if (message.kind === "exits" || message.kind === "left behind") spent(); // what it has broken is not known
      if (message.kind === "ended" && message.isSpent) spent();
      if (message.kind === "left behind") leftBehind(message);
      if (message.kind === "exits" && !message.isOwn)
        leftBehind({ error: new Error("process.exit was called"), job: message.job });
    });
  }

  /** Whether it may run another handler: it is alive, and had no uncaught error. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /**
   * What the handler came to; rejects when the thread ends first.
   * @throws DataCloneError when the input cannot be sent.
   */
  async run(run: ThreadRun, { log, progress }: Pick<TaskContext, "log" | "progress">): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const onMessage = (message: FromThread) => {
      if (message.kind === "ended") resolve(message.outcome);
      else if (message.kind === "log") log[message.level](message.fields, message.message);
      else if (message.kind === "progress") progress(message.fraction, message.note);
      // its thread was taken from it by a handler that had ended: as if it had not begun
      else if (message.kind === "exits" && !message.isOwn) resolve({ kind: "snoozed", forMs: 0 });
    };
    const onExit = (code: number) => reject(new Error(`it exited with code ${code}`));
    this.#worker.on("message", onMessage).once("error", reject).once("exit", onExit);
    this.#worker.ref();
    try {
      this.#send(run);
      return await promise;
    } finally {
      this.#worker.off("message", onMessage).off("error", reject).off("exit", onExit);
      this.#worker.unref();
    }
  }

  /** Aborts the signal of the handler that runs. */
  abort(reason: string): void {
    this.#send({ kind: "abort", reason });
  }

  /** Ends it, whatever it does; resolves when it is gone. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}
