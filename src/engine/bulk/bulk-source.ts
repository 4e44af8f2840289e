import type { JobStatus } from "../../core/job.ts";
import type { AttemptClass } from "../../core/outcome.ts";
import type { JobFilter } from "../../store/job-records.ts";
import type { NewJob } from "../../store/queue.ts";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";

/** What a run is about, absolute in every respect, as it is kept. */
export type Pinned = PinnedJobs | PinnedEvents | PinnedContents;

export interface PinnedJobs {
  readonly kind: "jobs";
  readonly jobs: JobFilter;
}

/** A tenant's events of a span of time that an endpoint wants now: those that it never got, those that failed, or all. */
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
  /** Whose newest delivery to the endpoint has one of these statuses; */
  readonly statuses?: readonly JobStatus[];
  /** and whose last attempt is of one of these classes. */
  readonly classes?: readonly AttemptClass[];
}

/** What a tenant's events of a span of time hold. */
export interface PinnedContents {
  readonly kind: "contents";
  readonly tenant: string;
  readonly createdFrom: number;
  readonly createdBefore: number;
}

/** What becomes of something that was found. */
export type Decision =
  | { readonly kind: "again" | "run_now" | "cancel"; readonly jobId: string }
  | { readonly kind: "make"; readonly job: NewJob }
  | { readonly kind: "erase" }
  | { readonly kind: "skip"; readonly reason: string };

export interface Found {
  /** The id of the job or event, to go on after. */
  readonly id: string;
  readonly lane: string;
  readonly class: AttemptClass | null;
  readonly createdAt: number;
  readonly decision: Decision;
}

export interface FoundPage {
  readonly found: readonly Found[];
  /** To go on after; null when there is no more. */
  readonly last: string | null;
}

/** Which run, and where in it. */
export interface BulkPage {
  readonly run: Pick<BulkRun, "id" | "action">;
  readonly after: string | null;
  readonly limit: number;
  readonly now: number;
}

/** Where a run finds what it is about, oldest first. */
export interface BulkSource<Of extends Pinned = Pinned> {
  next(pinned: Of, page: BulkPage): Promise<FoundPage>;
}
