import type { Cancel, Clock } from "../../core/clock.ts";
import type { Caller } from "../access/permission.ts";

/** How long it may go unread before it is cut off. */
const STALL_MS = 30_000;

interface Source {
  /** As it is named where it is broken off. */
  readonly what: string;
  /** The next bytes; it is asked again where there are none yet. */
  next(): Promise<{ readonly bytes: Uint8Array; readonly isLast: boolean }>;
  /** Called once, however it ends. */
  ended(): void | Promise<void>;
}

/** Bytes that are read while they are sent, no faster than they are taken, and no longer than the one who takes them is admitted. */
export class Download {
  readonly bytes: ReadableStream<Uint8Array>;
  readonly #source: Source;
  readonly #caller: Caller;
  readonly #clock: Clock;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOver = false;
  #cancelTimer: Cancel = () => {};

  constructor(source: Source, caller: Caller, clock: Clock) {
    this.#source = source;
    this.#caller = caller;
    this.#clock = clock;
    this.bytes = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
          this.#awaitReader();
        },
        pull: (controller) => this.#send(controller),
        cancel: () => this.#end(),
      },
      { highWaterMark: 0 },
    );
  }

  /** It is not whole then, and its reader sees that. */
  breakOff(why: string): void {
    if (this.#isOver) return;
    void this.#end();
    this.#controller?.error(new Error(`the ${this.#source.what} was broken off: ${why}`));
  }

  async #send(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#cancelTimer();
    try {
      for (;;) {
        if ((await this.#caller.isStillAdmitted?.()) === false) this.breakOff("its key was revoked");
        if (this.#isOver) return;
        const { bytes, isLast } = await this.#source.next();
        if (this.#isOver) return;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (isLast) {
          await this.#end();
          controller.close();
          return;
        }
        if (bytes.length > 0) break;
      }
    } catch (error) {
      if (this.#isOver) return;
      void this.#end();
      throw error;
    }
    this.#awaitReader();
  }

  #awaitReader(): void {
    this.#cancelTimer = this.#clock.after(STALL_MS, () => this.breakOff("it was not read in time"));
  }

  async #end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    await this.#source.ended();
  }
}
