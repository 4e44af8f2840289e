import type { EndedBefore } from "./retention.ts";

/** What a database says about its own state, for the checks to judge. */
export interface Inspection {
  /** Reads what the checks judge: only a little, however large the database, unless `deep`. */
  facts(request: FactsRequest): Promise<Facts>;
  /** How full it is: quick, on however large a database. */
  gauges(): Promise<Gauges>;
  /** The `limit` endpoints' lanes whose oldest ready job has waited longest; with very many lanes, only the first of them are compared. */
  oldestLanes(limit: number): Promise<LaneDue[]>;
  /** What waits in each of these lanes of endpoints. */
  backlogs(lanes: readonly string[]): Promise<LaneBacklog[]>;
}

/** Counts stop here: a number this large simply means "many". */
export const MOST_COUNTED = 10_001;

/** How many due jobs are counted by task, so that a check causes no load. */
export const MOST_DUE_COUNTED = 1_000;

export interface Gauges {
  /** Of each state, at most `MOST_COUNTED`. */
  readonly jobs: Readonly<Record<"ready" | "scheduled" | "running" | "parked" | "failed", number>>;
  /** The oldest ready job of each task, and when it was due, the oldest first. With very many lanes, only the first of them are read. */
  readonly due: readonly { readonly task: string; readonly oldestAt: number; readonly jobId: string }[];
}

export interface LaneDue {
  readonly lane: string;
  readonly oldestAt: number;
}

/** Of one lane, no more jobs than this are counted for its backlog. */
export const MOST_IN_BACKLOG = 1_001;

/** Counts stop at `MOST_IN_BACKLOG`. */
export interface LaneBacklog {
  readonly lane: string;
  /** Jobs that run: of all lanes together, at most `MOST_COUNTED` are looked at. */
  readonly running: number;
  /** Those that are ready, that are parked, and that are due later. */
  readonly due: number;
  readonly held: number;
  readonly scheduled: number;
  /** When the oldest job that is ready or parked was or will be due; null where there is none. */
  readonly oldestAt: number | null;
}

export interface FactsRequest {
  readonly now: number;
  readonly endedBefore: EndedBefore;
  /** Whether to check the whole file for damage, if the database does not do that itself. */
  readonly deep: boolean;
}

export type Facts = SqliteFacts | PostgresFacts;

interface CommonFacts {
  readonly schema: { readonly version: number; readonly latest: number };
  /** Jobs due by now that no worker has taken. */
  readonly due: Due;
  /** How many jobs each worker holds. */
  readonly leases: readonly { readonly worker: string; readonly jobs: number }[];
  /** The oldest job that should have been deleted by now; null if there is none. */
  readonly unpruned: {
    readonly succeededAt: number | null;
    /** When a job failed or was cancelled. */
    readonly failedAt: number | null;
    /** When a job with a retention of its own was past it. */
    readonly expiredAt: number | null;
    readonly keyExpiredAt: number | null;
  };
  readonly storage: readonly StoragePart[];
}

export interface Due {
  /** The one that waits longest first. */
  readonly tasks: readonly DueJobs[];
  /** Whether every job was counted. */
  readonly isAll: boolean;
}

export interface DueJobs {
  readonly task: string;
  readonly jobs: number;
  readonly oldestAt: number;
}

/** A table, or a part of a file. */
export interface StoragePart {
  readonly part: string;
  readonly bytes: number;
}

/**
 * What is due.
 * @param counted by task, of as many jobs as are counted.
 * @param firsts the oldest of each lane, by task: of lanes, too, that were not counted.
 */
export function dueOf(counted: readonly DueJobs[], firsts: readonly Omit<DueJobs, "jobs">[]): Due {
  const tasks = new Map(counted.map((due) => [due.task, due]));
  for (const { task, oldestAt } of firsts) {
    const { jobs, oldestAt: other } = tasks.get(task) ?? { jobs: 1, oldestAt };
    tasks.set(task, { task, jobs, oldestAt: Math.min(oldestAt, other) });
  }
  return {
    tasks: [...tasks.values()].sort((a, b) => a.oldestAt - b.oldestAt),
    isAll: counted.reduce((sum, { jobs }) => sum + jobs, 0) < MOST_DUE_COUNTED,
  };
}

export interface SqliteFacts extends CommonFacts {
  readonly kind: "sqlite";
  /** Null in memory. */
  readonly file: SqliteFileFacts | null;
  readonly sqliteVersion: string;
  /** Whether several processes may share the file with this version. */
  readonly isSafeToShare: boolean;
  /** The first release of Node whose SQLite is. */
  readonly nodeThatShares: string;
  /** What is broken in the file; null if it was not checked. */
  readonly damage: readonly string[] | null;
}

export interface SqliteFileFacts {
  readonly path: string;
  /** Its permission bits. */
  readonly mode: number;
  readonly bytes: number;
  readonly walBytes: number;
  readonly freeDiskBytes: number;
  /** What it may hold before new jobs are refused; null for as much as the disk has. */
  readonly mostBytes: number | null;
}

export interface PostgresFacts extends CommonFacts {
  readonly kind: "postgres";
  readonly version: string;
  /** How far the database's clock is ahead of this machine's; 0 if the measurement cannot tell them apart. */
  readonly aheadMs: number;
  /** Whether this user sees what other users' sessions do. */
  readonly seesAllSessions: boolean;
  /** Open transactions of this database, oldest first: a few at most, without the one that asks. */
  readonly transactions: readonly OpenTransaction[];
  readonly connections: { readonly used: number; readonly most: number };
  readonly tables: readonly TableFacts[];
  /** Spans of time that grow by themselves and are freed whole; of those that should be ready, how many are missing. */
  readonly partitions: { readonly days: number; readonly daysMissing: number };
  /** The settings that sessions start with, not those that Posthorn sets on its own connections. */
  readonly settings: Readonly<Record<PostgresSetting, string>>;
}

export interface OpenTransaction {
  /** The process id of the session; null for one that was prepared and left. */
  readonly pid: number | null;
  /** The application's name, or the name of the prepared transaction. */
  readonly name: string;
  readonly isIdle: boolean;
  readonly ageMs: number;
}

export interface TableFacts {
  readonly name: string;
  /** Of a partition, the table that it is a part of; otherwise its own name. */
  readonly whole: string;
  /** Estimates, as the statistics have them. */
  readonly liveRows: number;
  readonly deadRows: number;
  /** With its indexes. */
  readonly bytes: number;
  /** When it was last vacuumed, by anyone. */
  readonly vacuumedAt: number | null;
}

export const POSTGRES_SETTINGS = [
  "autovacuum",
  "track_counts",
  "fsync",
  "full_page_writes",
  "synchronous_commit",
  "max_connections",
  "statement_timeout",
  "idle_in_transaction_session_timeout",
] as const;

export type PostgresSetting = (typeof POSTGRES_SETTINGS)[number];
