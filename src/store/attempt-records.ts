import type { Attempt } from "../core/job.ts";
import type { Call } from "./shelves/tables/session.ts";

/** Looks up attempts to deliver to endpoints, once they have ended. */
export interface AttemptRecords {
  /** Newest first. @param lane the endpoint's lane. */
  ofEndpoint(lane: string, page: AttemptsPage): Promise<AttemptSlice>;
  /** Newest first. */
  ofEvent(eventId: string, page: AttemptsPage): Promise<AttemptSlice>;
  /** Counts an endpoint's attempts by outcome; each count stops at `most`. @param lane the endpoint's lane. */
  countOf(lane: string, span: AttemptSpan, most: number): Promise<AttemptCounts>;
  find(attemptId: string): Promise<EndpointAttempt | undefined>;
  /** Permanently erases the receiver's answer. Returns whether there is such an attempt. */
  erase(attempt: Pick<EndpointAttempt, "jobId" | "n">, audit?: Call<unknown>): Promise<boolean>;
  /** Permanently erases answers, inputs and tags of those of these jobs that have ended. */
  eraseJobs(jobIds: readonly string[]): Promise<void>;
}

export interface EndpointAttempt extends Attempt {
  readonly id: string;
  readonly jobId: string;
  readonly lane: string;
  readonly tenant: string;
  readonly event: string;
  /** What caused its job, unless it was simply that the event was sent. */
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
export interface AttemptConditions {
  /** `failed`: of every other outcome, too. */
  readonly status?: "succeeded" | "failed" | undefined;
  readonly class?: string | undefined;
  /** The lowest code, inclusive. An attempt without an answer counts as 0. */
  readonly codeFrom?: number | undefined;
  /** The highest code, exclusive. */
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
  readonly filter: AttemptConditions;
  /** The id of an attempt that the page follows: only older ones; */
  readonly after?: string | undefined;
  /** or of one that it ends before: only newer ones, and then `after` does not count. */
  readonly before?: string | undefined;
  /** How many are searched for it at most, whether they match or not. Default 1000. */
  readonly lookedAt?: number;
}

export interface AttemptSlice {
  /** Newest first. */
  readonly attempts: readonly EndpointAttempt[];
  /** Whether older ones follow, or, in a page before an attempt, whether newer ones precede. */
  readonly hasMore: boolean;
  /** If the search stopped before the page was full, the last attempt it reached: the next page continues there. Otherwise null. */
  readonly searchedTo: string | null;
}
