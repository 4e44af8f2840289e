import { Readable } from "node:stream";
import { run } from "../program.ts";
import type { Io, Output } from "../terminal/io.ts";

/** An `Io` that keeps what is written, and stops when told. */
export class RecordedIo implements Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<string>;
  readonly stdout = new RecordedOutput();
  readonly stderr = new RecordedOutput();
  readonly #stop = new AbortController();

  constructor(env: NodeJS.ProcessEnv = {}, input = "") {
    this.env = env;
    this.stdin = Readable.from([input]);
  }

  stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort("SIGTERM");
  }
}

export class RecordedOutput implements Output {
  text = "";
  readonly isTTY: boolean;
  #waiting: { pattern: RegExp; found: (match: RegExpExecArray) => void }[] = [];

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string | Uint8Array): void {
    this.text += typeof text === "string" ? text : Buffer.from(text).toString("latin1");
    this.#waiting = this.#waiting.filter(({ pattern, found }) => {
      const match = pattern.exec(this.text);
      if (match) found(match);
      return !match;
    });
  }

  /** Resolves once what was written matches. */
  shows(pattern: RegExp): Promise<RegExpExecArray> {
    const match = pattern.exec(this.text);
    if (match) return Promise.resolve(match);
    return new Promise((found) => this.#waiting.push({ pattern, found }));
  }
}

/** One command line, run to its end. */
export async function ran(argv: readonly string[], env: NodeJS.ProcessEnv = {}, input = "") {
  const io = new RecordedIo(env, input);
  const code = await run(argv, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}
