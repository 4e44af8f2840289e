import type { ComponentChildren } from "preact";
import type { TaskJobAnswer } from "../../../../src/http/schemas/task-job.ts";
import { JOB_COLUMNS, type JobColumn, USUAL } from "../../rules/job-columns.ts";
import { span } from "../../rules/times.ts";
import { Mono, pageAt, Status, Time } from "../marks.tsx";

interface JobRowsProps {
  readonly jobs: readonly TaskJobAnswer[];
  readonly caption: string;
  /** Default: the usual ones. */
  readonly columns?: readonly JobColumn[];
  /** Which of them are selected; absent where nothing can be done with several. */
  readonly chosen?: ReadonlySet<string>;
  readonly choose?: (ids: readonly string[], isChosen: boolean) => void;
}

const NUMBERS: readonly JobColumn[] = ["attempts", "duration"];

/** Jobs, one line each. */
export function JobRows({ jobs, caption, columns = USUAL, chosen, choose }: JobRowsProps) {
  const ids = jobs.map(({ job_id }) => job_id);
  const isWide = columns.length > USUAL.length;
  const classOf = (column: JobColumn) => `of-${column}${NUMBERS.includes(column) ? " number" : ""}`;
  const table = (
    <table class={isWide ? "rows jobs wide" : "rows jobs"}>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {choose && (
            <th scope="col" class="of-choice">
              <input
                type="checkbox"
                aria-label="Select all on this page"
                checked={ids.every((id) => chosen?.has(id))}
                onChange={(event) => choose(ids, event.currentTarget.checked)}
              />
            </th>
          )}
          {columns.map((column) => (
            <th key={column} scope="col" class={classOf(column)}>
              {JOB_COLUMNS[column]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.job_id} data-row>
            {choose && (
              <td class="of-choice">
                <input
                  type="checkbox"
                  aria-label={`Select ${job.job_id}`}
                  checked={chosen?.has(job.job_id)}
                  onChange={(event) => choose([job.job_id], event.currentTarget.checked)}
                />
              </td>
            )}
            {columns.map((column) => {
              const shown = CELLS[column](job);
              const label = shown !== null && !USUAL.includes(column) ? JOB_COLUMNS[column] : undefined;
              return (
                <td key={column} class={classOf(column)} data-label={label}>
                  {shown}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
  return isWide ? <div class="sideways">{table}</div> : table;
}

/** What stands in each column; null for nothing. */
const CELLS: Readonly<Record<JobColumn, (job: TaskJobAnswer) => ComponentChildren>> = {
  status: ({ status }) => <Status of={status} />,
  job: ({ job_id, task }) => (
    <>
      <a href={pageAt("jobs", job_id)} title={job_id}>
        {task}
      </a>{" "}
      <span class="faint mono short">{job_id.slice(-6)}</span>
    </>
  ),
  tenant: ({ tenant }) =>
    tenant ? (
      <a class="mono" href={pageAt("endpoints", tenant)} title={tenant}>
        {tenant}
      </a>
    ) : null,
  goes: (job) => <Mono>{goesTo(job)}</Mono>,
  tags: ({ tags }) => (tags.length > 0 ? <Mono>{tags.join(", ")}</Mono> : null),
  key: ({ key }) => (key === null ? null : <Mono>{key}</Mono>),
  attempts: ({ attempts, max_attempts }) => (
    <>
      {attempts}
      <span class="faint"> / {max_attempts}</span>
    </>
  ),
  duration: ({ duration_ms }) => (duration_ms === null ? null : span(duration_ms)),
  accepted: ({ created_at }) => <Time at={created_at} />,
  ended: ({ finished_at }) => (finished_at ? <Time at={finished_at} /> : null),
  next: (job) => <Next job={job} />,
};

function Next({ job }: { readonly job: TaskJobAnswer }) {
  const error = job.error?.split("\n", 1)[0];
  return (
    <div class="why">
      {job.held_by && <Held by={job.held_by} until={job.held_until} />}
      {job.status === "queued" && !job.held_by && job.run_at && job.attempts > 0 && <Time at={job.run_at} />}
      {error && <span title={job.error ?? ""}>{error}</span>}
      {job.progress && (
        <progress value={job.progress.fraction} aria-label={job.progress.note ?? "progress"} />
      )}
    </div>
  );
}

const HELD: Readonly<Record<string, string>> = {
  breaker: "breaker open",
  paused: "endpoint paused",
  disabled: "endpoint disabled",
  unverified: "endpoint has not confirmed",
  behind: "waits for the one before it",
};

/** Why it is not sent though it may be due, and until when, if that is known. */
function Held({ by, until }: { readonly by: string; readonly until: string | undefined }) {
  return (
    <span class="warn">
      {HELD[by] ?? `held: ${by}`}
      {until && (
        <>
          , probe <Time at={until} />
        </>
      )}
    </span>
  );
}

/** The target without its query, the endpoint, or what else tells jobs of one task apart. */
export function goesTo({ target_url, endpoint_id, key, lane }: TaskJobAnswer): string {
  if (target_url) return target_url.replace(/^https?:\/\//, "").replace(/\?.*$/, "");
  return endpoint_id ?? key ?? lane;
}
