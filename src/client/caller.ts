import { ClientError, type Problem, ProblemError, UnreachableError } from "./errors.ts";

export interface CallerParts {
  readonly url: string;
  readonly key: string | undefined;
  /** For a call with all its repeats. */
  readonly timeoutMs: number;
  readonly tries: number;
  readonly fetch: typeof fetch;
}

export interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** The server may take this much longer than usual, because it was asked to wait. */
  readonly waitsMs?: number;
}

export interface Answer {
  readonly headers: Headers;
  readonly body: unknown;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Asks the server, and asks again after what passes by itself: 429, 502 to 504, and no answer at all. */
export class Caller {
  readonly #parts: CallerParts;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /**
   * @throws ProblemError when the server refuses, or is still unable at the end of the time or the tries, or asks for a longer pause than
   * there is time for.
   * @throws UnreachableError when nothing came back from the last try.
   */
  async ask(call: Call): Promise<Answer> {
    const { timeoutMs, tries } = this.#parts;
    const end = Date.now() + timeoutMs + (call.waitsMs ?? 0);
    for (let n = 1; ; n++) {
      const outcome = await this.#try(call, end - Date.now());
      if (!(outcome instanceof ClientError)) return outcome;
      call.signal?.throwIfAborted();
      const asked = outcome instanceof ProblemError ? outcome.retryAfterMs : undefined;
      const pauseMs = asked ?? jittered(Math.min(FIRST_PAUSE_MS * 2 ** (n - 1), LONGEST_PAUSE_MS));
      if (!outcome.retryable || n >= tries || pauseMs > end - Date.now()) throw outcome;
      await pause(pauseMs, call.signal);
    }
  }

  async #try(
    { method, path, body, headers, signal, waitsMs = 0 }: Call,
    leftMs: number,
  ): Promise<Answer | ClientError> {
    const { url, key, timeoutMs } = this.#parts;
    // a third, so that a server which takes the connection and says nothing does not use up the time for all tries
    const late = AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(leftMs, timeoutMs / 3 + waitsMs))));
    try {
      const response = await this.#parts.fetch(url + path, {
        method,
        headers: {
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        redirect: "error", // the key is for this server alone
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      const text = await response.text();
      if (!response.ok) return new ProblemError(problemOf(response, text), retryAfterMs(response.headers));
      return { headers: response.headers, body: JSON.parse(text) };
    } catch (error) {
      signal?.throwIfAborted();
      return new UnreachableError(url, causeOf(error));
    }
  }
}

function problemOf({ status, statusText, headers }: Response, text: string): Problem {
  if (headers.get("content-type")?.startsWith("application/problem+json")) {
    try {
      return JSON.parse(text) as Problem; // the server writes no other under this type
    } catch {} // cut off on the way: the status has come
  }
  const detail = `answered ${status} ${statusText}`.trim() + (text === "" ? "" : `: ${text.slice(0, 200)}`);
  return { type: "about:blank", title: statusText, status, detail, code: `http_${status}` };
}

/** Seconds or a date (RFC 9110 §10.2.3). */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1e3 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** fetch says "fetch failed", and why only in the error's cause. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}

/** Between half of it and all. */
function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

/** @throws what the signal was aborted with. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
