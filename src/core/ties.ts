import { readable } from "./readable.ts";

/**
 * Which jobs a key is unique among. `live`: queued and running jobs. `queued`: queued jobs only, so another one is created alongside a
 * running job. `again`: like `live`, but while a job runs, one more is remembered, and created when that job has ended.
 */
export type Uniqueness = "live" | "queued" | "again";

/** What a job is tied to besides its own input. Most jobs are tied to nothing. */
export interface Ties {
  /** Of the live jobs of one task, at most one has this key. */
  readonly key?: string;
  /** What happens to this job where a running one has its key; absent for `live`. */
  readonly unique?: Exclude<Uniqueness, "live">;
  /** The group that it belongs to. */
  readonly groupId?: string;
  /** Queued, in the same transaction, when the job has ended, however it ended. */
  readonly onSettled?: FollowUp;
  /** The job belongs to an ordered lane: its jobs run one at a time, each only when the one before has ended. */
  readonly ordered?: true;
  /** How long it is kept after its end, in milliseconds; without it, as long as the store keeps jobs by default. */
  readonly retainMs?: number;
}

/** A job to be made once something has ended; its input says how that ended. */
export interface FollowUp {
  readonly task: string;
  readonly lane: string;
  readonly priority: number;
  readonly options: string;
  readonly maxAttempts: number;
}

/** When a job with a retention of its own that ended at `endedAt` may be deleted; null for jobs with the default retention. */
export function expiryOf(ties: Ties | undefined, endedAt: number): number | null {
  return ties?.retainMs === undefined ? null : endedAt + ties.retainMs;
}

/** As stored; null for no ties, the usual case. */
export function stringifyTies(ties: Ties | undefined): string | null {
  return ties === undefined ? null : JSON.stringify(ties);
}

/**
 * A job whose ties are damaged is tied to nothing: it concerns nobody else, and can be run, recorded and deleted.
 * @param text as `stringifyTies` made it.
 */
export function parseTies(text: string | null): Ties | undefined {
  return text === null ? undefined : (readable(text, readTies) ?? undefined);
}

function readTies(text: string): Ties {
  return JSON.parse(text) as Ties; // only stringifyTies writes them
}
