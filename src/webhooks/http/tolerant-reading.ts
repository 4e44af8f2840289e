import type { Socket } from "node:net";

const [TAB, LF, CR, SPACE, ONE] = [9, 10, 13, 32, 49];
const DIGIT_AT = "HTTP/1.1 ".length;
const INFORMATIONAL = /^HTTP\/1\.\d 1(?!01)\d\d[ \r\n]/;
/** What has arrived of a status line may still become one of the above. */
const MAY_BECOME_ONE =
  /^(?:H|HT|HTT|HTTP|HTTP\/|HTTP\/1|HTTP\/1\.|HTTP\/1\.\d|HTTP\/1\.\d |HTTP\/1\.\d 1|HTTP\/1\.\d 1(?!01)\d{1,2})?$/;
const HEAD_END = /\r?\n\r?\n/;

/** Anything held back beyond this is left to the HTTP client, which has limits of its own. */
const MOST_BYTES = 64 * 1024;

/**
 * Corrects what undici would drop a connection for, although a client should be tolerant of it: removes informational answers
 * that nobody asked for (RFC 9110 §15.2), because undici gives up at a `100`, and rewrites the head of an answer whose lines end
 * with a line feed only, or are folded (RFC 9112 §2.2, §5.2). `101` stays: it changes what follows.
 *
 * An answer begins with the first byte after a request was written, which is whole before anything of its answer is read.
 */
export function readTolerantly(socket: Socket): Socket {
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
    if (held === undefined && chunk.length > DIGIT_AT && chunk[DIGIT_AT] !== ONE && !hasOddLines(chunk)) {
      atStart = false;
      return chunk;
    }
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
    const { from, answer } = finalAnswerOf(bytes);
    passedOver += from;
    const rest = bytes.subarray(from);
    if (answer === undefined && passedOver + rest.length <= MOST_BYTES) {
      held = rest;
      return null;
    }
    held = undefined;
    passedOver = 0;
    atStart = false;
    return answer ?? rest;
  };
  return socket;
}

/** The final answer, as the HTTP client can read it; or, while more bytes are needed to tell, where the undecided part begins. */
function finalAnswerOf(bytes: Buffer): { from: number; answer?: Buffer } {
  const text = bytes.toString("latin1");
  let from = 0;
  for (;;) {
    while (text.charCodeAt(from) === CR || text.charCodeAt(from) === LF) from++;
    const line = text.slice(from, from + DIGIT_AT + 4);
    const informational = INFORMATIONAL.test(line);
    if (!informational && MAY_BECOME_ONE.test(line)) return { from };
    const rest = bytes.subarray(from);
    if (!informational && !(line.startsWith("HTTP/1.") && hasOddLines(rest))) return { from, answer: rest };
    const end = HEAD_END.exec(text.slice(from));
    if (!end) return { from };
    const next = from + end.index + end[0].length;
    if (!informational)
      return { from, answer: Buffer.concat([rewritten(text.slice(from, next)), bytes.subarray(next)]) };
    from = next;
  }
}

/** Whether a line of the head, as far as it has arrived, ends with a line feed only, or continues on the next one. */
function hasOddLines(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== LF) continue;
    if (bytes[at - 1] !== CR) return true;
    const next = bytes[at + 1];
    if (next === CR) return false; // the empty line
    if (next === SPACE || next === TAB) return true;
  }
  return false;
}

function rewritten(head: string): Buffer {
  return Buffer.from(head.replace(/\r?\n[ \t]+/g, " ").replace(/\r?\n/g, "\r\n"), "latin1");
}
