import type { JobQueue } from "../store/queue.ts";
import type { Part } from "./part.ts";

/**
 * Listens, if the database can notify, for work that another process has made ready, as long as there is room for it. A full worker is not
 * woken for work that it cannot take; it claims again anyway when a slot becomes free.
 */
export class Changes implements Part {
  readonly #queue: Pick<JobQueue, "onChange">;
  readonly #changed: () => void;
  #forget: (() => void) | undefined;
  #isStarted = false;
  #isFull = false;

  constructor(queue: Pick<JobQueue, "onChange">, changed: () => void) {
    this.#queue = queue;
    this.#changed = changed;
  }

  start(): void {
    this.#isStarted = true;
    this.hear();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#rest();
  }

  /** Called when there is room for more than is ready. */
  hear(): void {
    this.#isFull = false;
    if (this.#isStarted) this.#forget ??= this.#queue.onChange(this.#changed);
  }

  /** A claim brought all that it asked for, and so there is no room for more. */
  full(): void {
    this.#isFull = true;
  }

  /** Hears no longer if there is no room. Asked now and then: what frees a slot every few milliseconds need not begin to hear each time. */
  restIfFull(): void {
    if (this.#isFull) this.#rest();
  }

  #rest(): void {
    this.#forget?.();
    this.#forget = undefined;
  }
}
