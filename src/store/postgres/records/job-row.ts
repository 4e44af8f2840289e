import type { Job } from "../../../core/job.ts";
import { type JobColumns, jobOf } from "../../job-columns.ts";
import { jobIdOf } from "../job-id.ts";
import { ORIGIN, originOf } from "../queue/origin.ts";
import { ofLastAttempt } from "./fitting.ts";

/**
 * Of the ids of `page`. A job's status is the table that it stands in. The joins are lateral, with a limit, so that each row is looked up by its
 * key whatever the planner thinks of the tables.
 */
export const SELECT_JOB = `
  select j.id, j.task, j.lane, j.max_attempts, j.options, j.created_at, j.ties, ${ORIGIN}, f.finished_at, f.result, l.fraction, l.note,
    coalesce(f.status, case when l.job is null then 'queued' else 'running' end) as status,
    coalesce(f.attempts, l.attempts, r.attempts, s.attempts, k.attempts, 0) as attempts,
    coalesce(f.started_at, l.started_at, r.started_at, s.started_at, k.started_at) as started_at,
    coalesce(r.due_at, s.run_at, k.run_at) as run_at, k.reason as held_by,
    case
      when f.job is null then (select a.error from posthorn.attempts a where a.job = j.id order by a.n desc limit 1)
      else f.error
    end as error,
    coalesce(f.duration_ms, ${ofLastAttempt("duration_ms", "j.id")}) as duration_ms
  from page p
  cross join lateral (select * from posthorn.jobs where id = p.id limit 1) j
  left join lateral (select * from posthorn.finished where job = p.id limit 1) f on true
  left join lateral (select * from posthorn.leases where job = p.id limit 1) l on true
  left join lateral (select * from posthorn.ready where job = p.id limit 1) r on true
  left join lateral (select * from posthorn.scheduled where job = p.id limit 1) s on true
  left join lateral (select * from posthorn.parked where job = p.id limit 1) k on true`;

export function toJob(row: JobColumns): Job {
  return jobOf(row, jobIdOf(row.id), originOf);
}
