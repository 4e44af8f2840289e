import type { Cancel, Clock } from "../../core/clock.ts";
import { largeTextOf } from "./answer.ts";

const CHUNK_BYTES = 65_536;

/** Answers that a connection does not take at once: within bounds all together, and each only as long as somebody reads it. */
export class LargeAnswers {
  readonly #clock: Clock;
  readonly #room: number;
  readonly #stallMs: number;
  #held = 0;

  /** @param room for the bytes of all. @param stallMs without reading, an answer is broken off. */
  constructor(clock: Clock, room: number, stallMs: number) {
    this.#clock = clock;
    this.#room = room;
    this.#stallMs = stallMs;
  }

  /** Whether there is no room for one more. */
  get isFull(): boolean {
    return this.#held >= this.#room;
  }

  /** The same answer, given out piece by piece and counted meanwhile, if it is a large one. */
  bounded(answer: Response): Response {
    const text = largeTextOf(answer);
    if (text === undefined) return answer;
    const bytes = Buffer.from(text);
    const { status, headers } = answer;
    headers.set("content-length", String(bytes.byteLength));
    return new Response(this.#piecewise(bytes), { status, headers });
  }

  #piecewise(bytes: Buffer): ReadableStream<Uint8Array> {
    let at = 0;
    let cancelTimer: Cancel = () => {};
    this.#held += bytes.byteLength;
    const release = () => {
      cancelTimer();
      this.#held -= bytes.byteLength;
    };
    const wait = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      cancelTimer();
      cancelTimer = this.#clock.after(this.#stallMs, () => {
        release();
        controller.error(new Error("the answer was not read in time"));
      });
    };
    return new ReadableStream<Uint8Array>(
      {
        start: wait,
        pull: (controller) => {
          controller.enqueue(bytes.subarray(at, at + CHUNK_BYTES));
          at += CHUNK_BYTES;
          if (at < bytes.byteLength) return wait(controller);
          release();
          controller.close();
        },
        cancel: release,
      },
      { highWaterMark: 0 },
    );
  }
}
