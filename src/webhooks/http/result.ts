export type SendResult = Answered | Broken;

/** The receiver answered, with whatever status. */
export interface Answered {
  readonly kind: "answered";
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** The start of the body as text: at most 16 KiB of it, without NULs, damaged where it was not UTF-8. */
  readonly excerpt: string;
  readonly durationMs: number;
}

/** The headers of an answer that decide what comes next. */
export interface AnswerHeaders {
  /** As it came: seconds or an HTTP-date (RFC 9110 §10.2.3). */
  readonly retryAfter?: string;
}

/** There was no whole answer. */
export interface Broken {
  readonly kind: "broken";
  /** For people, free of secrets: names host and port, never path, query or headers. */
  readonly error: string;
  /** The target policy let no connection be made. */
  readonly refused: boolean;
  readonly durationMs: number;
}
