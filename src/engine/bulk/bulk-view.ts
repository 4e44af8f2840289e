import { dateOf, dateOrNull } from "../../core/instant.ts";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";
import type { Pinned } from "./bulk-source.ts";
import { type Remaining, rateOf, remainingOf } from "./course.ts";
import { DEFAULT_PACE } from "./lane-paces.ts";
import { type Requested, requested } from "./requested.ts";

/** A bulk run and its progress. */
export interface PublicBulkRun extends Requested {
  /** `qtask_…` */
  readonly id: string;
  readonly action: BulkRun["action"];
  /**
   * `waiting` to start, until when it can be undone entirely; `running`; `paused` by itself, see `reason`; `stopped`; `taking_back`:
   * cancelling those of its jobs that have not started; `taken_back`; `done`.
   */
  readonly state: BulkRun["state"];
  /** Why it paused by itself; null if it has not. */
  readonly reason: string | null;
  /** The id of the tenant it is limited to, if any. */
  readonly tenantId: string | null;
  /** Jobs per second and endpoint. */
  readonly pace: number;
  /** How many jobs were found so far: `done` plus skipped ones. */
  readonly matched: number;
  readonly done: number;
  /** How many of the jobs it queued have failed permanently since. */
  readonly failed: number;
  /** How many were skipped, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** How many jobs it finds per second; null unless it is running and that is known. */
  readonly rate: number | null;
  /** How much is left; null before it has started, and once it finds nothing more. */
  readonly remaining: Remaining | null;
  readonly actor: string | null;
  readonly note: string | null;
  /** The id of the job that carries it out. */
  readonly jobId: string;
  readonly startsAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
}

export function publicBulkRun(run: BulkRun): PublicBulkRun {
  return {
    id: run.id,
    action: run.action,
    state: run.state,
    reason: run.state === "paused" ? run.reason : null,
    ...requested(run.action, JSON.parse(run.filter) as Pinned), // only `start` writes it
    tenantId: run.tenant,
    pace: run.pace ?? DEFAULT_PACE,
    matched: run.matched,
    done: run.done,
    failed: run.failed,
    skipped: JSON.parse(run.skipped) as Record<string, number>, // only the run's job writes it
    rate: rateOf(run) ?? null,
    remaining: remainingOf(run) ?? null,
    actor: run.actor,
    note: run.note,
    jobId: run.driver,
    startsAt: dateOf(run.startsAt),
    createdAt: dateOf(run.createdAt),
    updatedAt: dateOf(run.updatedAt),
    endedAt: dateOrNull(run.endedAt),
  };
}
