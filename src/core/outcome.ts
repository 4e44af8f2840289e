/** What an attempt came to, as its handler tells it. */
export type Outcome = (Succeeded | Failed) & AttemptDetail;

export interface Succeeded {
  readonly kind: "succeeded";
  /** Kept with the job, as JSON text. */
  readonly result?: string;
}

export interface Failed {
  readonly kind: "failed";
  /** For a person, free of secrets. */
  readonly error: string;
  /** `false`: no further attempt can help, the job fails now. */
  readonly retry: boolean;
  /** The other side asked for this long a pause: no attempt before it is over, however short the schedule. */
  readonly retryAfterMs?: number;
  /** How long the whole lane should rest before its next job. */
  readonly laneRestMs?: number;
}

/** What else the record of the attempt keeps. */
export interface AttemptDetail {
  readonly httpStatus?: number;
  readonly response?: string;
}
