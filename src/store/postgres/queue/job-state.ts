import type { JobStatus } from "../../../core/job.ts";
import { parseTies } from "../../../core/ties.ts";
import { type Session, statement } from "../driver/statement.ts";
import { jobIdOf } from "../job-id.ts";
import type { TiedJob } from "./tied-jobs.ts";

/** A job, and in which of the tables it stands. */
export interface JobState extends TiedJob {
  readonly status: JobStatus;
}

const STATE = statement<{ id: string; task: string; lane: string; ties: string | null; status: JobStatus }>(`
  select j.id, j.task, j.lane, j.ties,
    coalesce(f.status, case when l.job is null then 'queued' else 'running' end) as status
  from posthorn.jobs j
  left join posthorn.finished f on f.job = j.id
  left join posthorn.leases l on l.job = j.id
  where j.id = $1`);

export async function jobState(session: Session, uuid: string): Promise<JobState | undefined> {
  const [row] = await session.run(STATE, uuid);
  if (!row) return undefined;
  const { task, lane, status } = row;
  return { id: jobIdOf(row.id), task, lane, ties: parseTies(row.ties), status };
}
