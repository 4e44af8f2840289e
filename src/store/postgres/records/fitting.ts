import type { JobStatus } from "../../../core/job.ts";
import { isWalkedAlone, type JobFilter, TABLE_OF, tagInText } from "../../job-records.ts";
import { arrayOf } from "../driver/statement.ts";
import { findableUuid, uuidOf } from "../job-id.ts";
import { FIRST_UUID, type Filter } from "./filter.ts";

const OF_MODE = "select id from posthorn.tenants where mode = ?::text";

const statusOf = (job: string) => `coalesce(
  (select status from posthorn.finished where job = ${job} limit 1),
  case when exists (select from posthorn.leases where job = ${job}) then 'running' else 'queued' end)`;

const attemptsOf = (job: string) => `coalesce(
  (select attempts from posthorn.finished where job = ${job} limit 1),
  (select attempts from posthorn.leases where job = ${job}),
  (select attempts from posthorn.ready where job = ${job}),
  (select attempts from posthorn.scheduled where job = ${job}),
  (select attempts from posthorn.parked where job = ${job}))`;

const dueAtOf = (job: string) => `coalesce(
  (select due_at from posthorn.ready where job = ${job}),
  (select run_at from posthorn.scheduled where job = ${job}),
  (select run_at from posthorn.parked where job = ${job}))`;

const runsSince = (job: string) => `(select leased_at from posthorn.leases where job = ${job})`;

/** A column of a job's last attempt that did not succeed. */
export function ofLastAttempt(column: "class" | "duration_ms" | "fingerprint", job: string): string {
  return `(select ${column} from posthorn.attempts where job = ${job} order by n desc limit 1)`;
}

function ofLastRecorded(column: "class" | "duration_ms", job: string): string {
  return `coalesce(
    (select ${column} from posthorn.finished where job = ${job} and status = 'succeeded' limit 1),
    ${ofLastAttempt(column, job)})`;
}

/** The class of a job's last attempt. */
export function lastClass(job: string): string {
  return ofLastRecorded("class", job);
}

/** How long a job's last completed attempt took. */
export function lastDuration(job: string): string {
  return ofLastRecorded("duration_ms", job);
}

/**
 * The conditions that each job is looked at for, besides its lane.
 * @param row where the job's columns are, besides its id, which is `job`.
 * @param statuses of any of these, where the place that is walked holds others too.
 */
export function fits(
  conditions: Filter,
  row: string,
  job: string,
  filter: JobFilter,
  statuses: readonly JobStatus[],
): Filter {
  const { tasks, exceptTasks, tenant, event, mode, createdFrom, createdBefore } = filter;
  const { upTo, bulk, ids, trigger, tag, group, key } = filter;
  const { fingerprint, class: ofClass, attemptsFrom, finishedFrom, finishedBefore } = filter;
  const { dueFrom, dueBefore, waiting, durationFromMs, runningSince } = filter;
  if (tasks) conditions.where(`${row}.task = any (?::text[])`, arrayOf(tasks));
  if (exceptTasks) conditions.where(`${row}.task <> all (?::text[])`, arrayOf(exceptTasks));
  if (tenant !== undefined) conditions.where(`${row}.tenant = ?::text`, tenant);
  if (event !== undefined) conditions.where(`${row}.event = ?::uuid`, uuidOf(event));
  if (mode !== undefined) conditions.where(`${row}.tenant in (${OF_MODE})`, mode);
  if (createdFrom !== undefined) conditions.where(`${row}.created_at >= ?::bigint`, createdFrom);
  if (createdBefore !== undefined) conditions.where(`${row}.created_at < ?::bigint`, createdBefore);
  if (upTo !== undefined) conditions.where(`${job} <= ?::uuid`, findableUuid(upTo) ?? FIRST_UUID);
  if (bulk !== undefined && ids !== undefined) conditions.where(`${row}.bulk = ?::text`, bulk);
  if (trigger !== undefined && (bulk !== undefined || ids !== undefined || event !== undefined))
    conditions.where(`${row}.trigger = ?::text`, trigger);
  if (statuses.length > 0) conditions.where(`${statusOf(job)} = any (?::text[])`, arrayOf(statuses));
  // the text of ties has its members in quotes
  if (tag !== undefined) conditions.where(`strpos(${row}.tags, ?::text) > 0`, tagInText(tag));
  if (group !== undefined)
    conditions.where(`strpos(${row}.ties, ?::text) > 0`, `"groupId":${JSON.stringify(group)}`);
  if (key !== undefined) conditions.where(`strpos(${row}.ties, ?::text) > 0`, `"key":${JSON.stringify(key)}`);
  if (fingerprint !== undefined)
    conditions.where(`${ofLastAttempt("fingerprint", job)} = ?::text`, fingerprint);
  if (ofClass !== undefined) conditions.where(`${lastClass(job)} = ?::text`, ofClass);
  if (attemptsFrom !== undefined) conditions.where(`${attemptsOf(job)} >= ?::int`, attemptsFrom);
  if (durationFromMs !== undefined)
    conditions.where(
      `(${lastDuration(job)} >= ?::bigint or ${runsSince(job)} <= ?::bigint)`,
      durationFromMs,
      runningSince ?? null,
    );
  if (dueFrom !== undefined || dueBefore !== undefined)
    conditions.where(
      `${dueAtOf(job)} between ?::bigint and ?::bigint`,
      dueFrom ?? Number.MIN_SAFE_INTEGER,
      (dueBefore ?? Number.MAX_SAFE_INTEGER) - 1,
    );
  if (waiting !== undefined && !(statuses.length === 0 && isWalkedAlone(filter)))
    conditions.where(`exists (select from posthorn.${TABLE_OF[waiting]} where job = ${job})`);
  if (finishedFrom !== undefined || finishedBefore !== undefined)
    conditions.where(
      `exists (select from posthorn.finished e where e.job = ${job} and e.finished_at >= ?::bigint and e.finished_at < ?::bigint)`,
      finishedFrom ?? Number.MIN_SAFE_INTEGER,
      finishedBefore ?? Number.MAX_SAFE_INTEGER,
    );
  return conditions;
}
