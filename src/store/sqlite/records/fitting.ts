import type { SQLInputValue } from "node:sqlite";
import type { JobStatus } from "../../../core/job.ts";
import { isWalkedAlone, type JobFilter, TABLE_OF, tagInText } from "../../job-records.ts";

/** What is asked of a job's row `j`. */
export interface Condition {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

const OF_MODE = "select id from tenants where mode = ?";
const STATUS = `coalesce(
  (select status from finished where job = j.seq),
  iif(exists (select 1 from leases where job = j.seq), 'running', 'queued'))`;
const ATTEMPTS = `coalesce(
  (select attempts from finished where job = j.seq),
  (select attempts from leases where job = j.seq),
  (select attempts from ready where job = j.seq),
  (select attempts from scheduled where job = j.seq),
  (select attempts from parked where job = j.seq))`;

const DUE_AT = `coalesce(
  (select due_at from ready where job = j.seq),
  (select run_at from scheduled where job = j.seq),
  (select run_at from parked where job = j.seq))`;

const RUNS_SINCE = "(select leased_at from leases where job = j.seq)";

/** A column of the last attempt of a job `j` that did not succeed. */
export function ofLastAttempt(column: "class" | "duration_ms" | "fingerprint"): string {
  return `(select ${column} from attempts where job = j.seq order by n desc limit 1)`;
}

function ofLastRecorded(column: "class" | "duration_ms"): string {
  return `coalesce(
    (select ${column} from finished where job = j.seq and status = 'succeeded'),
    ${ofLastAttempt(column)})`;
}

/** The class of the last attempt of a job `j`. */
export const LAST_CLASS = ofLastRecorded("class");
/** How long the last completed attempt of a job `j` took. */
export const LAST_DURATION = ofLastRecorded("duration_ms");

/**
 * The conditions that each job is looked at for, besides its lane, the time of its making, and what `Search` walks it by: the first
 * given of ids, bulk run, event and trigger.
 * @param statuses of any of these, where the place that is walked holds others too.
 */
export function fitting(filter: JobFilter, statuses: readonly JobStatus[]): Condition[] {
  const conditions: Condition[] = [];
  const where = (text: string, ...values: SQLInputValue[]) => conditions.push({ text, values });
  const { tasks, exceptTasks, tenant, event, mode, upTo, ids, bulk, trigger, tag, group, key } = filter;
  const { fingerprint, class: ofClass, attemptsFrom, finishedFrom, finishedBefore } = filter;
  const { dueFrom, dueBefore, waiting, durationFromMs, runningSince } = filter;
  if (tasks) where(`j.task in (${placesOf(tasks)})`, ...tasks);
  if (exceptTasks) where(`j.task not in (${placesOf(exceptTasks)})`, ...exceptTasks);
  if (tenant !== undefined) where("j.tenant = ?", tenant);
  if (event !== undefined && (ids !== undefined || bulk !== undefined)) where("j.event = ?", event);
  if (mode !== undefined) where(`j.tenant in (${OF_MODE})`, mode);
  if (upTo !== undefined) where("j.id <= ?", upTo);
  if (bulk !== undefined && ids !== undefined) where("j.bulk = ?", bulk);
  if (trigger !== undefined && (ids !== undefined || bulk !== undefined || event !== undefined))
    where("j.trigger = ?", trigger);
  if (statuses.length > 0) where(`${STATUS} in (${placesOf(statuses)})`, ...statuses);
  // the text of ties has its members in quotes
  if (tag !== undefined) where("instr(j.tags, ?) > 0", tagInText(tag));
  if (group !== undefined) where("instr(j.ties, ?) > 0", `"groupId":${JSON.stringify(group)}`);
  if (key !== undefined) where("instr(j.ties, ?) > 0", `"key":${JSON.stringify(key)}`);
  if (fingerprint !== undefined) where(`${ofLastAttempt("fingerprint")} = ?`, fingerprint);
  if (ofClass !== undefined) where(`${LAST_CLASS} = ?`, ofClass);
  if (attemptsFrom !== undefined) where(`${ATTEMPTS} >= ?`, attemptsFrom);
  if (durationFromMs !== undefined)
    where(`(${LAST_DURATION} >= ? or ${RUNS_SINCE} <= ?)`, durationFromMs, runningSince ?? null);
  if (dueFrom !== undefined || dueBefore !== undefined)
    where(
      `${DUE_AT} between ? and ?`,
      dueFrom ?? Number.MIN_SAFE_INTEGER,
      (dueBefore ?? Number.MAX_SAFE_INTEGER) - 1,
    );
  if (waiting !== undefined && !(statuses.length === 0 && isWalkedAlone(filter)))
    where(`exists (select 1 from ${TABLE_OF[waiting]} where job = j.seq)`);
  if (finishedFrom !== undefined || finishedBefore !== undefined)
    where(
      "exists (select 1 from finished f where f.job = j.seq and f.finished_at >= ? and f.finished_at < ?)",
      finishedFrom ?? Number.MIN_SAFE_INTEGER,
      finishedBefore ?? Number.MAX_SAFE_INTEGER,
    );
  return conditions;
}

function placesOf(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}
