import { messageOf } from "../../core/errors.ts";
import type { AttemptClass, AttemptDetail, Failed, Outcome } from "../../core/outcome.ts";
import { Pool } from "../../engine/working/pool.ts";
import type { TaskContext } from "../task-definition.ts";
import { brokenBy } from "./broken-by.ts";
import { Thread } from "./thread.ts";
import type { LeftBehind } from "./thread-messages.ts";

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
  /** What a worker counts them by, so that it begins no job that would wait for a thread. */
  readonly pool: Pool;
  readonly #all = new Set<Thread>();
  readonly #idle: IdleThread[] = [];
  readonly #turns: (() => void)[] = [];
  readonly #leftBehind: (left: LeftBehind) => void;
  #free: number;
  #isClosed = false;

  /**
   * @param most threads at once.
   * @param leftBehind told of errors that handlers left behind: they fail nobody's attempt.
   */
  constructor(most: number, leftBehind: (left: LeftBehind) => void) {
    this.#free = most;
    this.#leftBehind = leftBehind;
    this.pool = new Pool(most);
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
      // a handler that stops because of its signal reports nothing else
      return stopped && outcome.kind === "failed" && outcome.error === stopped.error ? stopped : outcome;
    } catch (error) {
      return stopped ?? (nameOf(error) === "DataCloneError" ? unsendable(error) : brokenBy(error));
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
      if (idle.thread.isUsable) return idle.thread;
      this.#drop(idle.thread);
    }
    const thread = new Thread(this.#leftBehind);
    this.#all.add(thread);
    return thread;
  }

  #giveBack(thread: Thread): void {
    if (!thread.isUsable) {
      this.#drop(thread);
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.thread === thread),
        1,
      );
      this.#drop(thread);
    }, IDLE_MS);
    timer.unref();
    this.#idle.push({ thread, timer });
  }

  #drop(thread: Thread): void {
    this.#all.delete(thread);
    void thread.end();
  }
}

function unsendable(error: unknown): Failed {
  const why = `the input, as its schema gives it, cannot be sent to a thread: ${messageOf(error)}`;
  return { kind: "failed", error: why, retry: false };
}

function nameOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "name" in thrown ? thrown.name : undefined;
}
