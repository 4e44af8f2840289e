import type { Cancel, Clock } from "../../core/clock.ts";
import { largeTextOf } from "./answer.ts";

const CHUNK_BYTES = 65_536;

interface Unread {
  readonly bytes: number;
  breakOff(): void;
}

/**
 * Answers that their connections do not take at once: limited in total, and each kept only as long as somebody reads it. If there is no
 * room for another one, the one that was read from least recently is cut off, so that slow readers cannot keep others out.
 */
export class LargeAnswers {
  readonly #clock: Clock;
  readonly #room: number;
  readonly #stallMs: number;
  /** Those that were read from least recently stand first. */
  readonly #unread = new Set<Unread>();
  #held = 0;

  /** @param room for the bytes of all. @param stallMs without reading, an answer is broken off. */
  constructor(clock: Clock, room: number, stallMs: number) {
    this.#clock = clock;
    this.#room = room;
    this.#stallMs = stallMs;
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
    let breakOff = () => {};
    const unread: Unread = { bytes: bytes.byteLength, breakOff: () => breakOff() };
    const release = () => {
      cancelTimer();
      if (this.#unread.delete(unread)) this.#held -= unread.bytes;
    };
    const wait = () => {
      cancelTimer();
      cancelTimer = this.#clock.after(this.#stallMs, breakOff);
    };
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          breakOff = () => {
            release();
            controller.error(new Error("the answer was not read in time"));
          };
          this.#makeRoom(unread);
          wait();
        },
        pull: (controller) => {
          controller.enqueue(bytes.subarray(at, at + CHUNK_BYTES));
          at += CHUNK_BYTES;
          if (at >= bytes.byteLength) {
            release();
            controller.close();
            return;
          }
          this.#unread.delete(unread); // to move it to the end
          this.#unread.add(unread);
          wait();
        },
        cancel: release,
      },
      { highWaterMark: 0 },
    );
  }

  #makeRoom(unread: Unread): void {
    for (const other of this.#unread) {
      if (this.#held + unread.bytes <= this.#room) break;
      other.breakOff();
    }
    this.#unread.add(unread);
    this.#held += unread.bytes;
  }
}
