import type { JobQueue } from "../store/queue.ts";
import type { Part } from "./part.ts";

/** Hears, where the database can tell, that another process has made something ready. */
export class Changes implements Part {
  readonly #queue: Pick<JobQueue, "onChange">;
  readonly #changed: () => void;
  #forget = () => {};

  constructor(queue: Pick<JobQueue, "onChange">, changed: () => void) {
    this.#queue = queue;
    this.#changed = changed;
  }

  start(): void {
    this.#forget = this.#queue.onChange(this.#changed);
  }

  async stop(): Promise<void> {
    this.#forget();
  }
}
