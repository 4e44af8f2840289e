import type { Worker } from "node:worker_threads";
import type { Sought } from "../../../core/job-content.ts";
import { startThread } from "../../../core/process/start-thread.ts";
import type { JobFilter } from "../../job-records.ts";
import type { Found } from "./search.ts";

/** How many searches may wait, each of which takes at most 150 ms; further callers get the page that the first step found. */
const MOST_WAITING = 8;

export interface Question {
  readonly id: number;
  readonly filter: JobFilter;
  readonly before: number | undefined;
  /** How many to find; with `sought`, how many to look at. */
  readonly limit: number;
  readonly sought?: Sought | undefined;
}

/** See `SiftedPage`. */
export interface Sifted extends Found {
  readonly lookedAt: number;
  readonly places: readonly number[];
}

export interface Answer {
  readonly id: number;
  /** Undefined when the look failed. */
  readonly found: Found | Sifted | undefined;
}

/** Looks through many jobs with a connection of its own, so that the process can do other things meanwhile. Started when first asked. */
export class ReadThread {
  readonly #file: string;
  readonly #waiting = new Map<number, (found: Answer["found"]) => void>();
  #worker: Worker | undefined;
  #asked = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Undefined if it cannot search now: then the page holds what was found before. */
  find(filter: JobFilter, before: number, limit: number): Promise<Found | undefined> {
    return this.#ask({ filter, before, limit });
  }

  /**
   * Of this many jobs at most, from the newest before this key, those whose content holds what is sought. Undefined if it cannot look now.
   */
  async sift(
    filter: JobFilter,
    before: number | undefined,
    limit: number,
    sought: Sought,
  ): Promise<Sifted | undefined> {
    const found = await this.#ask({ filter, before, limit, sought });
    return found && "places" in found ? found : undefined;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(question: Omit<Question, "id">): Promise<Answer["found"]> {
    if (this.#waiting.size >= MOST_WAITING) return Promise.resolve(undefined);
    const worker = this.#worker ?? this.#start();
    const { promise, resolve } = Promise.withResolvers<Answer["found"]>();
    const id = ++this.#asked;
    this.#waiting.set(id, resolve);
    worker.ref(); // keeps the process alive while it is waited for
    worker.postMessage({ id, ...question } satisfies Question);
    return promise;
  }

  #start(): Worker {
    const worker = startThread(new URL("./read-entry.ts", import.meta.url), this.#file);
    const ended = () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const id of [...this.#waiting.keys()]) this.#answer({ id, found: undefined });
    };
    worker
      .on("message", (answer: Answer) => this.#answer(answer))
      .on("error", ended)
      .on("exit", ended);
    this.#worker = worker;
    return worker;
  }

  #answer({ id, found }: Answer): void {
    this.#waiting.get(id)?.(found);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker?.unref();
  }
}
