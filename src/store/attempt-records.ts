import type { Attempt } from "../core/job.ts";
import type { Call } from "./shelves/session.ts";

/** Attempts to deliver to endpoints, as they are looked up; one that runs is found once it has ended. */
export interface AttemptRecords {
  /** Newest first. @param lane that of the endpoint. */
  ofEndpoint(lane: string, page: AttemptsPage): Promise<AttemptSlice>;
  /** Newest first. */
  ofEvent(eventId: string, page: AttemptsPage): Promise<AttemptSlice>;
  /** How many an endpoint has had; no more than `most` of each kind are counted. @param lane that of the endpoint. */
  countOf(lane: string, span: AttemptSpan, most: number): Promise<AttemptCounts>;
  find(attemptId: string): Promise<EndpointAttempt | undefined>;
  /** Erases permanently what the other side answered; whether there is such an attempt. */
  erase(attempt: Pick<EndpointAttempt, "jobId" | "n">, audit?: Call<unknown>): Promise<boolean>;
  /** Of those of these jobs that have ended: erases permanently what was answered, what they were given, and what they were labelled with. */
  eraseJobs(jobIds: readonly string[]): Promise<void>;
}

export interface EndpointAttempt extends Attempt {
  readonly id: string;
  readonly jobId: string;
  readonly lane: string;
  readonly tenant: string;
  readonly event: string;
  /** What made its job, where that was not the event's being sent. */
  readonly trigger: string | null;
  /** Null once the event is gone. */
  readonly type: string | null;
  /** Of the event. */
  readonly channels: readonly string[];
  readonly tags: readonly string[];
}

/** Milliseconds since the epoch. */
export interface AttemptSpan {
  /** Begun at or after. */
  readonly since: number;
  /** Started before this time. */
  readonly until: number;
}

export interface AttemptCounts {
  readonly succeeded: number;
  /** Every other outcome. */
  readonly failed: number;
}

/** Those that meet every given condition. Times are milliseconds since the epoch. */
export interface AttemptFilter {
  /** `failed`: of every other outcome, too. */
  readonly status?: "succeeded" | "failed" | undefined;
  readonly class?: string | undefined;
  /** The first code that fits; one that never had an answer counts as 0. */
  readonly codeFrom?: number | undefined;
  /** The first one that fits no more. */
  readonly codeBefore?: number | undefined;
  readonly type?: string | undefined;
  readonly channel?: string | undefined;
  readonly tag?: string | undefined;
  /** Begun at or after. */
  readonly since?: number | undefined;
  /** Started before this time. */
  readonly until?: number | undefined;
  /** To this endpoint; its lane. */
  readonly lane?: string | undefined;
}

export interface AttemptsPage {
  /** How many at most. */
  readonly limit: number;
  readonly filter: AttemptFilter;
  /** The id of an attempt that the page follows: only older ones; */
  readonly after?: string | undefined;
  /** or of one that it ends before: only newer ones, and then `after` does not count. */
  readonly before?: string | undefined;
}

export interface AttemptSlice {
  /** Newest first. */
  readonly attempts: readonly EndpointAttempt[];
  /** Whether older ones follow, or, in a page before an attempt, whether newer ones precede. */
  readonly hasMore: boolean;
  /**
   * The last attempt that was looked at, where the look ended before the page was full: others may fit too, and are found on the
   * page from there. Otherwise null.
   */
  readonly searchedTo: string | null;
}
