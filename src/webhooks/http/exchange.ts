import { type Dispatcher, errors } from "undici/index.js";
import type { Timing } from "../../core/outcome.ts";
import { excerptOf, LONGEST_EXCERPT } from "./excerpt.ts";
import { describeFailure, type Failure } from "./failure.ts";
import { type Opening, tenths } from "./opening.ts";
import type { AnswerHeaders, SendResult } from "./result.ts";

/** How many bytes of an answer are read; a longer one counts as answered, and its connection is dropped. */
const LONGEST_READ = 64 * 1024;

/** How long the steps of one that succeeded on a connection that was open must take to be worth keeping. */
const SLOW_MS = 1_000;

type Controller = Pick<Dispatcher.DispatchController, "abort">;

/**
 * One request and its answer, as undici reports it. Settles once; what comes later is ignored.
 * (undici's `request()` does the same with a stream and two promises more, and cannot be aborted while it connects.)
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly result: Promise<SendResult>;
  readonly #settle: (result: SendResult) => void;
  readonly #origin: string;
  readonly #startedAt: number;
  readonly #opening: Pick<Opening, "timing">;
  /** Of the connection that was made for it, if one was. */
  #opened: Timing | undefined;
  #sentAt = 0;
  #firstByteMs: number | undefined;
  #controller: Controller | undefined;
  #settled = false;
  #wasLostInReuse = false;
  #status: number | undefined;
  #headers: AnswerHeaders = {};
  #kept: Buffer[] = [];
  #bytesRead = 0;

  /**
   * @param origin of its target.
   * @param startedAt by `performance.now()`.
   * @param opening makes a connection for it if none is open.
   */
  constructor(origin: string, startedAt: number, opening: Pick<Opening, "timing">) {
    const { promise, resolve } = Promise.withResolvers<SendResult>();
    this.result = promise;
    this.#settle = resolve;
    this.#origin = origin;
    this.#startedAt = startedAt;
    this.#opening = opening;
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  /** Its connection had served others before, and was closed without an answer. */
  get wasLostInReuse(): boolean {
    return this.#wasLostInReuse;
  }

  /** Ends it, even while it waits for a connection; as answered if there is a status by then. */
  abort(error: string): void {
    if (this.#status === undefined) this.#break({ error, class: "timeout" });
    else this.#answer(`${error}, in the middle of its answer`);
    this.#controller?.abort(new Error(error));
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    this.#opened = this.#opening.timing;
    this.#sentAt = performance.now();
    if (this.#settled) controller.abort(new Error("aborted before it was sent"));
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHeaders): void {
    this.#firstByteMs ??= performance.now() - this.#sentAt;
    if (status < 200) return; // informational; the answer is still to come
    this.#status = status;
    const retryAfter = headers["retry-after"];
    const allowedOrigin = headers["webhook-allowed-origin"];
    if (retryAfter !== undefined) {
      this.#headers = { retryAfter };
    }
    if (allowedOrigin !== undefined) this.#headers = { ...this.#headers, allowedOrigin };
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#bytesRead < LONGEST_EXCERPT) this.#kept.push(chunk);
    this.#bytesRead += chunk.length;
    if (this.#bytesRead > LONGEST_READ) {
      this.#answer();
      controller.abort(new Error("enough of the answer was read"));
    }
  }

  onResponseEnd(): void {
    this.#answer();
  }

  onResponseError(_controller: Controller, error: unknown): void {
    if (!this.#controller) this.#opened = this.#opening.timing;
    const stage = this.#status ?? (this.#controller ? "asked" : "connecting");
    const failure = describeFailure(error, new URL(this.#origin), stage);
    if (this.#status === undefined) {
      this.#wasLostInReuse = !this.#settled && isCloseOfUsedConnection(error);
      this.#break(failure);
    } else this.#answer(failure.error);
  }

  #answer(cutShort?: string): void {
    if (this.#settled || this.#status === undefined) return;
    this.#settled = true;
    const durationMs = this.#elapsedMs();
    const isWell = this.#status >= 200 && this.#status <= 299;
    this.#settle({
      kind: "answered",
      status: this.#status,
      headers: this.#headers,
      excerpt: excerptOf(this.#kept),
      durationMs,
      cutShort,
      timing: isWell && !this.#opened && durationMs < SLOW_MS ? undefined : this.#timing(),
    });
  }

  #break(failure: Failure): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle({ kind: "broken", ...failure, durationMs: this.#elapsedMs(), timing: this.#timing() });
  }

  /** Undefined where nothing is known. */
  #timing(): Timing | undefined {
    const first = this.#firstByteMs;
    if (!this.#opened && first === undefined) return undefined;
    return { ...this.#opened, ...(first !== undefined && { first_byte_ms: tenths(first) }) };
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }
}

/** What was read on it came before this exchange, of which nothing had come. */
function isCloseOfUsedConnection(error: unknown): boolean {
  return (
    error instanceof errors.SocketError && error.message === "other side closed" && !!error.socket?.bytesRead
  );
}

type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;
