import type { Socket } from "node:net";

const DIGIT_AT = "HTTP/1.1 ".length;
const ONE = "1".charCodeAt(0);
const LINE_ENDS = new Set([..."\r\n"].map((end) => end.charCodeAt(0)));
const INFORMATIONAL = /^HTTP\/1\.\d 1(?!01)\d\d[ \r\n]/;
/** What has arrived of a status line may still become one of the above. */
const MAY_BECOME_ONE =
  /^(?:H|HT|HTT|HTTP|HTTP\/|HTTP\/1|HTTP\/1\.|HTTP\/1\.\d|HTTP\/1\.\d |HTTP\/1\.\d 1|HTTP\/1\.\d 1(?!01)\d{1,2})?$/;
const HEAD_END = /\r?\n\r?\n/;

/** More informational answers than this are left to the HTTP client, which drops the connection at the first `100`. */
const MOST_BYTES = 64 * 1024;

/**
 * Removes informational answers (RFC 9110 §15.2) from what the HTTP client reads from a connection: a client must be able
 * to skip those that it did not ask for, and undici drops the connection at a `100`. `101` stays: it changes what follows.
 *
 * An answer begins with the first byte after a request was written, which is whole before anything of its answer is read.
 */
export function passOverInformational(socket: Socket): Socket {
  const { read, write } = socket;
  let atStart = false;
  let held: Buffer | undefined;
  let passedOver = 0;

  const begin = (...given: Parameters<typeof write>) => {
    atStart = true;
    return write.apply(socket, given);
  };
  socket.write = begin as typeof write; // its arguments are passed on, whichever of write's forms they are
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read.call(socket, size);
    if (!atStart || chunk === null) return chunk;
    if (held === undefined && chunk.length > DIGIT_AT && chunk[DIGIT_AT] !== ONE) {
      atStart = false;
      return chunk;
    }
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
    const { from, decided } = finalAnswerOf(bytes);
    const rest = from === 0 ? bytes : bytes.subarray(from);
    passedOver += from;
    if (!decided && passedOver + rest.length <= MOST_BYTES) {
      held = rest;
      return null;
    }
    held = undefined;
    passedOver = 0;
    atStart = false;
    return rest;
  };
  return socket;
}

/** Where the final answer begins, or the part that is not decided yet. */
function finalAnswerOf(bytes: Buffer): { from: number; decided: boolean } {
  const text = bytes.toString("latin1");
  let from = 0;
  for (;;) {
    while (LINE_ENDS.has(text.charCodeAt(from))) from++;
    const line = text.slice(from, from + DIGIT_AT + 4);
    if (!INFORMATIONAL.test(line)) return { from, decided: !MAY_BECOME_ONE.test(line) };
    const end = HEAD_END.exec(text.slice(from));
    if (!end) return { from, decided: false };
    from += end.index + end[0].length;
  }
}
