import { messageOf } from "../../core/errors.ts";
import { failedBy } from "../../core/failed-by.ts";
import type { AttemptClass, AttemptDetail, Failed, Outcome } from "../../core/outcome.ts";
import type { TaskContext } from "../task-definition.ts";
import { Thread } from "./thread.ts";

/** Between telling a thread to stop and ending it, and all that it holds. */
const GRACE_MS = 1_000;
/** An idle thread is ended after this. */
const IDLE_MS = 30_000;

interface IdleThread {
  readonly thread: Thread;
  readonly timer: NodeJS.Timeout;
}

/**
 * Runs handlers in threads, so that computing does not hold up the event loop. A thread that crashes, exits or has to be ended
 * takes only its own attempt with it. An attempt's time begins with its turn: one that waits for a thread has not begun.
 */
export class Threads {
  readonly #all = new Set<Thread>();
  readonly #idle: IdleThread[] = [];
  readonly #turns: (() => void)[] = [];
  #free: number;
  #isClosed = false;

  /** @param most threads at once. */
  constructor(most: number) {
    this.#free = most;
  }

  /** @param module the URL of a module whose default export is the handler. */
  async run(module: string, input: unknown, context: TaskContext, timeoutMs: number): Promise<Outcome> {
    await this.#turn(context.signal);
    try {
      return await this.#attempt(module, input, context, timeoutMs);
    } finally {
      const next = this.#turns.shift(); // its turn passes on without ever being free for another
      if (next) next();
      else this.#free++;
    }
  }

  /** Ends all of them, and what they run. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }

  /** Waits until one more may run; rejects when the attempt is aborted before. */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      const at = this.#turns.indexOf(resolve);
      if (at === -1) return; // its turn has come
      this.#turns.splice(at, 1);
      reject(signal.reason);
    };
    this.#turns.push(resolve);
    signal.addEventListener("abort", onAbort);
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #attempt(module: string, input: unknown, context: TaskContext, timeoutMs: number): Promise<Outcome> {
    const { signal, attempt, job } = context;
    signal.throwIfAborted();
    const thread = this.#take();
    let stopped: (Failed & AttemptDetail) | undefined;
    const stop = (error: string, kind: AttemptClass) => {
      stopped = { kind: "failed", error, retry: true, class: kind };
      clearTimeout(timer);
      thread.abort(error);
      timer = setTimeout(() => void thread.end(), GRACE_MS);
    };
    const onAbort = () => stop(messageOf(signal.reason), "error");
    let timer = setTimeout(() => stop(`timed out after ${timeoutMs} ms`, "timeout"), timeoutMs);
    signal.addEventListener("abort", onAbort);
    try {
      const outcome = await thread.run({ kind: "run", module, input, attempt, job }, context);
      // one that stops for its signal tells nothing else
      return stopped && outcome.kind === "failed" && outcome.error === stopped.error ? stopped : outcome;
    } catch (error) {
      return stopped ?? brokenBy(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.#giveBack(thread);
    }
  }

  #take(): Thread {
    if (this.#isClosed) throw new Error("the threads are closed");
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.thread.isAlive) return idle.thread;
      this.#all.delete(idle.thread);
    }
    const thread = new Thread();
    this.#all.add(thread);
    return thread;
  }

  #giveBack(thread: Thread): void {
    if (!thread.isAlive) {
      this.#all.delete(thread);
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.thread === thread),
        1,
      );
      this.#all.delete(thread);
      void thread.end();
    }, IDLE_MS);
    timer.unref();
    this.#idle.push({ thread, timer });
  }
}

function brokenBy(error: unknown): Failed {
  if (nameOf(error) === "DataCloneError") {
    const why = `the input, as its schema gives it, cannot be sent to a thread: ${messageOf(error)}`;
    return { kind: "failed", error: why, retry: false };
  }
  const failed = failedBy(error);
  return { ...failed, error: `the handler's thread ended before it did: ${failed.error}` };
}

function nameOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "name" in thrown ? thrown.name : undefined;
}
