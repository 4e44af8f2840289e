import type { AttemptAnswer } from "../../../../src/http/schemas/job.ts";
import type { TaskJobAnswer } from "../../../../src/http/schemas/task-job.ts";
import { session } from "../../live/server.ts";
import { span } from "../../rules/times.ts";
import { Copy, Facts, Mono, pageAt, Time } from "../marks.tsx";
import { search } from "../query.ts";

interface JobFactsProps {
  readonly job: TaskJobAnswer;
  readonly attempts: readonly AttemptAnswer[] | undefined;
  /** Where to. */
  readonly goes: string;
}

/** What a job is, and what it belongs to. */
export function JobFacts({ job, attempts, goes }: JobFactsProps) {
  const busy = attempts?.reduce((sum, { duration_ms }) => sum + duration_ms, 0);
  const { tenant, endpoint_id, event_id, bulk_id, group_id, copy_of, schedule } = job;
  return (
    <Facts
      of={[
        [
          "Id",
          <>
            <Mono>{job.job_id}</Mono> <Copy text={job.job_id} />
          </>,
        ],
        ["Goes to", <Mono>{goes}</Mono>],
        ["Attempts", `${job.attempts} of ${job.max_attempts}`],
        busy && ["Ran for", span(busy)],
        ["Accepted", <Time at={job.created_at} exact />],
        job.started_at && ["Begun", <Time at={job.started_at} exact />],
        job.finished_at && ["Ended", <Time at={job.finished_at} exact />],
        ["Lane", <Named name={job.lane} at={`${pageAt("jobs")}${search({ lane: job.lane })}`} />],
        tenant &&
          endpoint_id && ["Endpoint", <a href={pageAt("endpoints", tenant, endpoint_id)}>{endpoint_id}</a>],
        event_id && ["Event", <a href={pageAt("events", event_id)}>{event_id}</a>],
        bulk_id && ["Bulk run", <a href={pageAt("bulk", bulk_id)}>{bulk_id}</a>],
        job.trigger && ["Caused by", job.trigger],
        job.key && ["Key", <Mono>{job.key}</Mono>],
        job.tags.length > 0 && ["Tags", <Tags of={job.tags} />],
        group_id && [
          "Group",
          <Named name={group_id} at={`${pageAt("jobs")}${search({ group: group_id })}`} />,
        ],
        job.on_settled && ["Then", <Mono>{job.on_settled}</Mono>],
        job.progress?.note && ["Progress", job.progress.note],
        job.trace_id && ["Trace", <TraceLink id={job.trace_id} />],
        copy_of && ["Copy of", <Named name={copy_of} at={pageAt("jobs", copy_of)} />],
        schedule && [
          "Schedule",
          <a href={`${pageAt("schedules")}${search({ text: schedule })}`}>{schedule}</a>,
        ],
        job.scheduled_for && ["Scheduled for", <Time at={job.scheduled_for} exact />],
      ]}
    />
  );
}

/** A name that may be long, and leads somewhere. */
function Named({ name, at }: { readonly name: string; readonly at: string }) {
  return (
    <a class="mono clip" title={name} href={at}>
      {name}
    </a>
  );
}

function TraceLink({ id }: { readonly id: string }) {
  const url = session.value?.trace_url;
  return url ? <a href={url.replaceAll("{trace_id}", id)}>{id}</a> : <Mono>{id}</Mono>;
}

/** Each leads to the jobs that have it. */
function Tags({ of }: { readonly of: readonly string[] }) {
  return of.map((tag, at) => (
    <>
      {at > 0 && " "}
      <a class="mono clip" href={`${pageAt("jobs")}${search({ tag })}`}>
        {tag}
      </a>
    </>
  ));
}
