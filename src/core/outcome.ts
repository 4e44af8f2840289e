/** What an attempt came to, as its handler tells it. */
export type Outcome = (Succeeded | Failed | Snoozed) & AttemptDetail;

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
  /** The handler's own choice of when to try again, in milliseconds from now, in place of the schedule. */
  readonly retryInMs?: number;
  /** How long the whole lane should rest before its next job. */
  readonly laneRestMs?: number;
}

/** Nothing failed, there is only nothing to do yet: the attempt does not count and is not recorded. */
export interface Snoozed {
  readonly kind: "snoozed";
  /** When to run it again, in milliseconds from now. */
  readonly forMs: number;
}

/** What else the record of the attempt keeps. */
export interface AttemptDetail {
  readonly httpStatus?: number;
  readonly response?: string;
}
