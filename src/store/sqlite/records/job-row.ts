import type { Job } from "../../../core/job.ts";
import { parseOrigin } from "../../../core/origin.ts";
import { type JobColumns, jobOf } from "../../job-columns.ts";
import { ORIGIN } from "../queue/origin.ts";
import { ofLastAttempt } from "./fitting.ts";

export interface JobRow extends JobColumns {
  readonly key: number;
}

/** A job's status is the table that it stands in. */
export const SELECT_JOB = `
  select j.seq as key, j.id, j.task, j.lane, j.max_attempts, j.options, j.created_at, j.ties,
    ${ORIGIN}, f.finished_at, f.result,
    l.progress as fraction, l.progress_note as note,
    coalesce(f.status, iif(l.job is null, 'queued', 'running')) as status,
    coalesce(f.attempts, l.attempts, r.attempts, s.attempts, p.attempts, 0) as attempts,
    coalesce(f.started_at, l.started_at, r.started_at, s.started_at, p.started_at) as started_at,
    coalesce(r.due_at, s.run_at, p.run_at) as run_at, p.reason as held_by,
    iif(f.job is null, (select a.error from attempts a where a.job = j.seq order by a.n desc limit 1), f.error) as error,
    coalesce(f.duration_ms, ${ofLastAttempt("duration_ms")}) as duration_ms
  from jobs j
  left join finished f on f.job = j.seq
  left join leases l on l.job = j.seq
  left join ready r on r.job = j.seq
  left join scheduled s on s.job = j.seq
  left join parked p on p.job = j.seq`;

export function toJob(row: JobRow): Job {
  return jobOf(row, row.id, parseOrigin);
}
