import type { Attempt, AttemptOutcome, Job, JobStatus } from "../core/job.ts";
import type { Origin } from "../core/origin.ts";
import type { AttemptEvidence } from "../core/outcome.ts";
import { readable } from "../core/readable.ts";
import { parseTies } from "../core/ties.ts";

/** A job as both databases look it up. */
export interface JobColumns {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly options: string;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly run_at: number | null;
  readonly held_by: string | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly duration_ms: number | null;
  readonly fraction: number | null;
  readonly note: string | null;
  readonly ties: string | null;
  readonly origin: string | null;
}

/** @param id as callers know it. @param originOf reads the origin, whose ids each database writes in its own way. */
export function jobOf(
  row: JobColumns,
  id: string,
  originOf: (text: string | null) => Origin | undefined,
): Job {
  return {
    id,
    task: row.task,
    lane: row.lane,
    status: row.status,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    options: row.options,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    runAt: row.run_at,
    heldBy: row.held_by,
    result: row.result,
    error: row.error,
    durationMs: row.duration_ms,
    progress: row.fraction === null ? null : { fraction: row.fraction, note: row.note },
    ties: parseTies(row.ties),
    origin: readable(row.origin, originOf) ?? undefined,
  };
}

/** An attempt of a job as both databases look it up. */
export interface AttemptColumns extends AttemptEvidence {
  readonly n: number;
  readonly outcome: AttemptOutcome;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly error: string | null;
}

export function attemptOfRow(row: AttemptColumns): Attempt {
  return {
    n: row.n,
    outcome: row.outcome,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    error: row.error,
    code: row.code,
    class: row.class,
    excerpt: row.excerpt,
    fingerprint: row.fingerprint,
    detail: row.detail,
  };
}
