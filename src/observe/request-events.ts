/** A stream of server-sent events. */
export interface OneStream {
  readonly of: "job" | "statistics";
}

export interface OneRequest {
  readonly method: string;
  /** As the API describes it: `/webhooks/jobs/{job_id}`. `*` where there is no such path. */
  readonly route: string;
}

export interface RequestAnswered extends OneRequest {
  readonly status: number;
  readonly ms: number;
  /** Whether it is the answer to work that was accepted, given as soon as that was on disk. */
  readonly isAcceptance: boolean;
}

/** Answered with a problem. */
export interface RequestRefused extends OneRequest {
  readonly status: number;
  /** What was thrown. */
  readonly error: unknown;
}

/** Answered 500: something is wrong in Posthorn. */
export interface RequestFailed extends OneRequest {
  readonly error: unknown;
  /** Stands in the answer, too. */
  readonly instance: string;
}
