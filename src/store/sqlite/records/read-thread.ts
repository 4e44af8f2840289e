import { Worker } from "node:worker_threads";
import type { JobFilter } from "../../job-records.ts";
import type { Found } from "./search.ts";

/** `node --input-type=module --eval …`: a thread would inherit flags that no file may be run with. */
const isGivenAsText = process.execArgv.some((flag) => flag.startsWith("--input-type"));

/** Each takes 150 ms at most; a caller beyond these gets the page that the first look came to. */
const MOST_WAITING = 8;

export interface Question {
  readonly id: number;
  readonly filter: JobFilter;
  readonly before: number;
  readonly limit: number;
}

export interface Answer {
  readonly id: number;
  /** Undefined when the look failed. */
  readonly found: Found | undefined;
}

/** Looks through many jobs with a connection of its own, so that the process can do other things meanwhile. Started when first asked. */
export class ReadThread {
  readonly #file: string;
  readonly #waiting = new Map<number, (found: Found | undefined) => void>();
  #worker: Worker | undefined;
  /** Not where a bundler has left the thread's module behind. */
  #mayStart = true;
  #asked = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Undefined when it cannot look now: then what was found before is the page. */
  find(filter: JobFilter, before: number, limit: number): Promise<Found | undefined> {
    if (this.#waiting.size >= MOST_WAITING) return Promise.resolve(undefined);
    const worker = this.#worker ?? this.#start();
    if (worker === undefined) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Found | undefined>();
    const id = ++this.#asked;
    this.#waiting.set(id, resolve);
    worker.ref(); // keeps the process alive while it is waited for
    worker.postMessage({ id, filter, before, limit } satisfies Question);
    return promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker | undefined {
    if (!this.#mayStart) return undefined;
    let worker: Worker;
    try {
      // webpack 5.113 makes a syntax error of it, and copies the module without those that it imports
      const entry = new URL(/* webpackIgnore: true */ "./read-entry.ts", import.meta.url);
      worker = new Worker(/* webpackIgnore: true */ entry, {
        workerData: this.#file,
        ...(isGivenAsText && { execArgv: [] }),
      });
    } catch {
      this.#mayStart = false; // a bundle in CommonJS has no import.meta.url
      return undefined;
    }
    const ended = () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const id of [...this.#waiting.keys()]) this.#answer({ id, found: undefined });
    };
    const failed = (error: Error) => {
      if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") this.#mayStart = false;
      ended();
    };
    worker
      .on("message", (answer: Answer) => this.#answer(answer))
      .on("error", failed)
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
