import type { Attempt, Job, JobStatus } from "../core/job.ts";
import type { Sought } from "../core/job-content.ts";
import type { AttemptClass } from "../core/outcome.ts";

/** Jobs and attempts as they are looked up. */
export interface JobRecords {
  get(jobId: string): Promise<Job | undefined>;
  /** A job's input as it was written; empty where it delivers an event, which has it. Undefined when there is no such job. */
  input(jobId: string): Promise<string | undefined>;
  /** Those of at most a few hundred jobs, by their ids, that are not empty, and of no more bytes than this. */
  inputs(jobIds: readonly string[], mostBytes: number): Promise<ReadonlyMap<string, string>>;
  list(filter: JobFilter, page: Page): Promise<JobPage>;
  /**
   * Looks through the content of as many of a page's jobs as a few hundredths of a second allow, in a thread: those that hold what is
   * sought, and how far it looked. Undefined while it has no time; databases of which no thread can read have no such method.
   */
  holding?(filter: JobFilter, page: Page, sought: Sought): Promise<SiftedPage | undefined>;
  /** Newest first, from before attempt `page.before`. */
  attempts(jobId: string, page: AttemptPage): Promise<Attempt[]>;
  /** Where a live job stands now. Undefined when there is no such job. */
  standing(jobId: string): Promise<JobStanding | undefined>;
}

/** No more jobs before one in its lane are counted. */
export const MOST_BEFORE = 1_000;

/** What holds a live job up, and who runs it. */
export interface JobStanding {
  /** The id of the worker that has it; null unless one does. */
  readonly worker: string | null;
  /** When that worker got it. */
  readonly leasedAt: number | null;
  /** How many jobs of its lane run, of as many running jobs as `Gauges` counts. */
  readonly running: number;
  /** How many are due in its lane that have its turn and priority and are before it, up to `MOST_BEFORE`; null unless it is due. */
  readonly before: number | null;
}

export interface GroupRecords {
  /** What happened to a group's jobs so far. */
  get(groupId: string): Promise<Group | undefined>;
}

/** Which jobs to list: those that meet every given condition. Times are milliseconds since the epoch. */
export interface JobFilter {
  /** Jobs of any of these tasks, by name. */
  readonly tasks?: readonly string[];
  readonly lane?: string;
  readonly status?: JobStatus;
  /** Created at or after. */
  readonly createdFrom?: number;
  /** Created before. */
  readonly createdBefore?: number;
  /** Jobs of the tenant with this id. */
  readonly tenant?: string;
  /** Deliveries of the event with this id. */
  readonly event?: string;
  /** Of tenants of this mode. */
  readonly mode?: "live" | "test";
  /** Of none of these tasks. */
  readonly exceptTasks?: readonly string[];
  /** Of any of these statuses. */
  readonly statuses?: readonly JobStatus[];
  /** These, at most a thousand. */
  readonly ids?: readonly string[];
  /** Up to this id. */
  readonly upTo?: string;
  /** Created, re-queued, made due or cancelled by the bulk run with this id. */
  readonly bulk?: string;
  /** Their trigger: `manual` for events that somebody redelivered by hand. */
  readonly trigger?: string;
  /** Jobs with this tag, or whose event has it. */
  readonly tag?: string;
  /** Jobs of the group with this id. */
  readonly group?: string;
  readonly key?: string;
  /** Jobs whose last failed attempt belongs to this group of failures. */
  readonly fingerprint?: string;
  /** Whose last recorded attempt is of this class. */
  readonly class?: AttemptClass;
  /** Jobs with at least this many attempts. */
  readonly attemptsFrom?: number;
  /** Ended at or after. */
  readonly finishedFrom?: number;
  /** Ended before. */
  readonly finishedBefore?: number;
  /** Queued, and due at or after. */
  readonly dueFrom?: number;
  /** Queued, and due before. */
  readonly dueBefore?: number;
  /** Queued, and waiting for this. */
  readonly waiting?: Waiting;
  /** Whose last recorded attempt took at least this long, or which match `runningSince`. */
  readonly durationFromMs?: number;
  /** Running since this time or longer. Only with `durationFromMs`; the engine sets it, by the clock. */
  readonly runningSince?: number;
}

/**
 * What queued jobs wait for, by the table that they are in: `ready` for a worker, `scheduled` for the time when they are due, `held` for
 * what holds them up: a paused endpoint, an open breaker, the job before them in an ordered lane.
 */
export const WAITING = ["ready", "scheduled", "held"] as const;
export type Waiting = (typeof WAITING)[number];

/** Where those are. */
export const TABLE_OF: Readonly<Record<Waiting, string>> = {
  ready: "ready",
  scheduled: "scheduled",
  held: "parked",
};

/** Of any of these statuses; none for all. What has a time when it is due, and what waits, is queued. */
export function statusesOf(filter: JobFilter): readonly JobStatus[] {
  const { status, statuses = [], dueFrom, dueBefore, waiting } = filter;
  const asked = status === undefined ? statuses : [status];
  const isOfQueue = dueFrom !== undefined || dueBefore !== undefined || waiting !== undefined;
  return isOfQueue && (asked.length === 0 || asked.includes("queued")) ? ["queued"] : asked;
}

/**
 * A tag as the text of a job's tags has it, in quotes: they stand in no tag. Nor does a comma, so one in quotes is what stands between two tags,
 * and is written so that no text has it.
 */
export function tagInText(tag: string): string {
  return JSON.stringify(tag).replaceAll(",", "\\u002c");
}

/** Whether the jobs of a filter that names what they wait for are found in that table alone, unless they are looked for elsewhere. */
export function isWalkedAlone(filter: JobFilter): boolean {
  return filter.waiting !== undefined && statusesOf(filter).every((status) => status === "queued");
}

export interface Page {
  /** How many at most. */
  readonly limit: number;
  /** Only jobs older than this id. */
  readonly before?: string;
}

/** A page of a list. Each page searches a bounded number of jobs, so that no filter makes it slow. */
export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** If the search stopped before the page was full, the oldest job it reached: the page before it continues there. Otherwise null. */
  readonly searchedTo: SearchedTo | null;
}

/** A page of those jobs whose content was looked at and holds what is sought. */
export interface SiftedPage extends JobPage {
  /** How many were looked at altogether; */
  readonly lookedAt: number;
  /** and up to each of the jobs that were found, itself included. */
  readonly places: readonly number[];
}

/** The last row that a search looked at. */
export interface SearchedTo {
  /** Its id: the next page continues there. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface AttemptPage {
  /** How many at most. */
  readonly limit: number;
  /** Only attempts before this one's number. */
  readonly before?: number;
}

/** The job as it was found, and whether its status and key allowed the change. */
export interface Changed {
  readonly from: JobStatus;
  readonly changed: boolean;
  /** The live job that has the key of one that was to be queued again. */
  readonly keyHolder?: string;
}

/** Jobs that were enqueued together, counted by how they ended. Times are milliseconds since the epoch. */
export interface Group {
  readonly id: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly createdAt: number;
  /** When, for the first time, all of its jobs had ended. */
  readonly settledAt: number | null;
}

export interface RerunFilter {
  readonly task: string;
  readonly status: "failed" | "cancelled";
  readonly lane?: string;
  readonly createdFrom?: number;
  readonly createdBefore?: number;
  /** Only jobs that ended before this time, so that a job that fails again is not taken twice. */
  readonly finishedBefore: number;
  /** Where the last batch stopped: its `last`. */
  readonly after?: string;
}

export interface RerunBatch {
  readonly rerun: number;
  /** The store's own mark of where to continue; null if nothing is left. */
  readonly last: string | null;
}
