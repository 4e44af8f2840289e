import type { TaskJobAnswer } from "../../../src/http/schemas/task-job.ts";
import { Mono, pageAt, Status, Time } from "./marks.tsx";

interface JobRowsProps {
  readonly jobs: readonly TaskJobAnswer[];
  readonly caption: string;
  /** Which of them are selected; absent where nothing can be done with several. */
  readonly chosen?: ReadonlySet<string>;
  readonly choose?: (ids: readonly string[], isChosen: boolean) => void;
}

/** Jobs, one line each. */
export function JobRows({ jobs, caption, chosen, choose }: JobRowsProps) {
  const ids = jobs.map(({ job_id }) => job_id);
  return (
    <table class={choose ? "rows jobs chosen" : "rows jobs"}>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {choose && (
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Select all on this page"
                checked={ids.every((id) => chosen?.has(id))}
                onChange={(event) => choose(ids, event.currentTarget.checked)}
              />
            </th>
          )}
          <th scope="col">Status</th>
          <th scope="col">Job</th>
          <th scope="col">Goes to</th>
          <th scope="col" class="number">
            Attempts
          </th>
          <th scope="col">Accepted</th>
          <th scope="col">Next, or why it ended</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.job_id} data-row>
            {choose && (
              <td>
                <input
                  type="checkbox"
                  aria-label={`Select ${job.job_id}`}
                  checked={chosen?.has(job.job_id)}
                  onChange={(event) => choose([job.job_id], event.currentTarget.checked)}
                />
              </td>
            )}
            <td>
              <Status of={job.status} />
            </td>
            <td>
              <a href={pageAt("jobs", job.job_id)} title={job.job_id}>
                {job.task}
              </a>{" "}
              <span class="faint mono short">{job.job_id.slice(-6)}</span>
            </td>
            <td>
              <Mono>{goesTo(job)}</Mono>
            </td>
            <td class="number">
              {job.attempts}
              <span class="faint"> / {job.max_attempts}</span>
            </td>
            <td>
              <Time at={job.created_at} />
            </td>
            <td class="why">
              <Next job={job} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Next({ job }: { readonly job: TaskJobAnswer }) {
  const error = job.error?.split("\n", 1)[0];
  return (
    <>
      {job.held_by && <Held by={job.held_by} until={job.held_until} />}
      {job.status === "queued" && !job.held_by && job.run_at && job.attempts > 0 && <Time at={job.run_at} />}
      {error && <span title={job.error ?? ""}>{error}</span>}
      {job.progress && (
        <progress value={job.progress.fraction} aria-label={job.progress.note ?? "progress"} />
      )}
    </>
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
