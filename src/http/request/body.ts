import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { OverloadedError } from "../../core/errors.ts";
import { nothing } from "../schemas/redeliver.ts";
import { wantBody } from "./expect-continue.ts";
import { headerOf, incomingOf } from "./incoming.ts";
import { jsonTextOf, parseJson } from "./json-text.ts";
import { parseBody } from "./parse.ts";
import { badRequest, RequestError } from "./request-error.ts";

/** The bytes of all bodies in memory at one time, so that neither slow senders nor slow look-ups of their targets fill it. */
const ROOM = 268_435_456;

/** The bytes of its body that count, kept with the request: a Map that all requests come and go in would be expensive, see Bag. */
const HELD = Symbol("bytes held");

interface Holding {
  [HELD]?: number;
}

/** Reads bodies, each up to a limit and all within bounds. */
export class BodyReader {
  readonly #longest: number;
  readonly #room: number;
  #held = 0;

  /** @param longest limit of one body, in bytes. @param room limit of all in memory at one time. */
  constructor(longest: number, room = ROOM) {
    this.#longest = longest;
    this.#room = Math.max(room, longest);
  }

  /**
   * A request's body, read to its end.
   * @param times how many times the limit it may be long.
   * @throws RequestError 413 when it is too long (found before or while reading, the rest is not read), 400 when it
   *   breaks off.
   * @throws OverloadedError when too much is being read at once.
   */
  read(c: Context, times = 1): Promise<Uint8Array> {
    const longest = this.#longest * times;
    if (Number(headerOf(c, "content-length")) > longest) throw tooLarge(longest);
    const message = incomingOf(c);
    return message ? this.#fromMessage(c, message, longest) : this.#fromRequest(c, c.req.raw, longest);
  }

  /** The request was answered: its body no longer counts. */
  release(c: Context): void {
    const holding = holdingOf(c);
    this.#held -= holding[HELD] ?? 0;
    holding[HELD] = 0;
  }

  /**
   * For routes that take no body: none, or an empty object.
   * @throws RequestError 422 naming what was sent beyond that, so that nothing is silently ignored.
   */
  async readNothing(c: Context): Promise<void> {
    const body = await this.read(c);
    if (body.byteLength > 0) parseBody(nothing, parseJson(jsonTextOf(c, body)));
  }

  #fromMessage(c: Context, message: IncomingMessage, longest: number): Promise<Uint8Array> {
    wantBody(message);
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      let length = 0;
      const release = () => {
        this.#held -= length;
        length = 0;
      };
      const take = (chunk: Uint8Array) => {
        chunks.push(chunk);
        length += chunk.byteLength;
        this.#held += chunk.byteLength;
        const refused = this.#refusal(length, longest);
        if (!refused) return;
        message.off("data", take).pause();
        release();
        reject(refused);
      };
      const brokenOff = () => {
        if (message.readableEnded) return;
        release();
        reject(incomplete());
      };
      message.on("data", take);
      message.on("end", () => {
        holdingOf(c)[HELD] = length;
        resolve(joined(chunks));
      });
      message.on("close", brokenOff);
      if (message.destroyed) brokenOff(); // "close" may have come already
    });
  }

  async #fromRequest(c: Context, { body }: Request, longest: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    let refused: Error | undefined;
    try {
      for await (const chunk of body ?? []) {
        chunks.push(chunk);
        length += chunk.byteLength;
        this.#held += chunk.byteLength;
        refused = this.#refusal(length, longest);
        if (refused) break;
      }
    } catch {
      refused = incomplete();
    }
    if (refused) {
      this.#held -= length;
      throw refused;
    }
    holdingOf(c)[HELD] = length;
    return joined(chunks);
  }

  #refusal(length: number, longest: number): Error | undefined {
    if (length > longest) return tooLarge(longest);
    if (this.#held > this.#room)
      return new OverloadedError("too many request bodies are in memory; try again shortly");
    return undefined;
  }
}

function holdingOf(c: Context): Holding {
  return c as Context & Holding; // its property is optional, so that every context has it
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

function tooLarge(limit: number): RequestError {
  return new RequestError(`the body is longer than ${limit} bytes`, { status: 413, code: "body_too_large" });
}

function incomplete(): RequestError {
  return badRequest("incomplete_body", "the body ended before it was complete");
}
