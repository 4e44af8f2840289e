import type { JobStatus } from "../../core/job.ts";
import type { AttemptClass } from "../../core/outcome.ts";
import type { JobFilter } from "../../store/job-records.ts";
import type { NewJob } from "../../store/queue.ts";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";

/** A run's filter as it is stored, with absolute times and ids. */
export type Pinned = PinnedJobs | PinnedEvents | PinnedContents;

export interface PinnedJobs {
  readonly kind: "jobs";
  /** The id of the endpoint whose lane it is, if the request named one. */
  readonly endpoint?: string;
  readonly jobs: JobFilter;
}

/** A tenant's events of a period that an endpoint wants now: those that it never got, those that failed, or all. */
export interface PinnedEvents {
  readonly kind: "events";
  readonly tenant: string;
  readonly endpoint: string;
  readonly lane: string;
  readonly what: "failed" | "missing" | "all";
  readonly createdFrom: number;
  readonly createdBefore: number;
  /** Of any of these types. */
  readonly types?: readonly string[];
  readonly channel?: string;
  readonly tag?: string;
  /** Only events whose newest delivery to the endpoint has one of these statuses, */
  readonly statuses?: readonly JobStatus[];
  /** and whose last attempt is of one of these classes. */
  readonly classes?: readonly AttemptClass[];
}

/** The payloads of a tenant's events of a period. */
export interface PinnedContents {
  readonly kind: "contents";
  readonly tenant: string;
  readonly createdFrom: number;
  readonly createdBefore: number;
}

/** What a run does with a job or event that it found. */
export type Decision =
  | { readonly kind: "again" | "run_now" | "cancel"; readonly jobId: string }
  | { readonly kind: "make"; readonly job: NewJob }
  | { readonly kind: "erase" }
  | { readonly kind: "skip"; readonly reason: string };

export interface Found {
  /** The id of the job or event, from which the next batch continues. */
  readonly id: string;
  /** Of a job that is there. */
  readonly task?: string;
  readonly lane: string;
  readonly class: AttemptClass | null;
  /** Of the failure that it ended with, or waits after. */
  readonly fingerprint?: string | null;
  readonly createdAt: number;
  readonly decision: Decision;
}

export interface FoundPage {
  readonly found: readonly Found[];
  /** Where the next batch continues; null if there is no more. */
  readonly last: string | null;
}

/** Which run, and where in it. */
export interface BulkPage {
  readonly run: Pick<BulkRun, "id" | "action">;
  readonly after: string | null;
  readonly limit: number;
  readonly now: number;
}

/** The source of a run's jobs or events, oldest first. */
export interface BulkSource<Of extends Pinned = Pinned> {
  next(pinned: Of, page: BulkPage): Promise<FoundPage>;
}
