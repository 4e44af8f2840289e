import type { Timing } from "../../core/outcome.ts";
import type { FailureClass } from "./failure.ts";

export type SendResult = Answered | Broken;

/** The headers of a final answer came: the receiver has spoken, whatever became of the body. */
export interface Answered {
  readonly kind: "answered";
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** The start of the body as text: at most 16 KiB of it, without NULs, damaged where it was not UTF-8. */
  readonly excerpt: string;
  readonly durationMs: number;
  /** Why the body did not come to its end, for people, free of secrets. */
  readonly cutShort?: string | undefined;
  /** Of one that failed, was slow, or made a connection. */
  readonly timing?: Timing | undefined;
}

/** The headers of an answer that decide what comes next. */
export interface AnswerHeaders {
  /** As it came, several if it came several times: seconds or an HTTP-date (RFC 9110 §10.2.3). */
  readonly retryAfter?: string | readonly string[];
  /** Who may send here, in answer to a handshake. */
  readonly allowedOrigin?: string | readonly string[];
}

/** There was no final answer. */
export interface Broken {
  readonly kind: "broken";
  /** For people, free of secrets: names host and port, never path, query or headers. */
  readonly error: string;
  readonly class: FailureClass;
  readonly durationMs: number;
  readonly timing?: Timing | undefined;
}
