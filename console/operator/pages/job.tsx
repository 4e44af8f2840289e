import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { EndpointAnswer } from "../../../src/http/schemas/endpoint.ts";
import type { workerPage } from "../../../src/http/schemas/fleet.ts";
import type { attemptPage } from "../../../src/http/schemas/job.ts";
import type { StandingAnswer, TaskJobAnswer } from "../../../src/http/schemas/task-job.ts";
import { memberOf } from "../../kit/json-tokens.ts";
import { useAsked, useAskedText } from "../live/asked.ts";
import { second } from "../live/beat.ts";
import { api, offers, serverNow } from "../live/server.ts";
import { zone } from "../live/settings.ts";
import { AuditOf } from "../parts/audit-of.tsx";
import { AttemptCard } from "../parts/jobs/attempt-card.tsx";
import { DeliveryRequest } from "../parts/jobs/delivery-request.tsx";
import { JobActions } from "../parts/jobs/job-actions.tsx";
import { JobFacts } from "../parts/jobs/job-facts.tsx";
import { goesTo } from "../parts/jobs/job-rows.tsx";
import { SendAsNew } from "../parts/jobs/send-as-new.tsx";
import { Head, Mono, Status, Time, Trouble } from "../parts/marks.tsx";
import { Revealed } from "../parts/revealed.tsx";
import { headline } from "../rules/headline.ts";

const isLive = (job: TaskJobAnswer | undefined) => job?.status === "queued" || job?.status === "running";

/** One job: why it is where it is, what was tried, what it carries, and what can be done. */
export function JobPage() {
  const { job_id = "" } = useRoute().params;
  const path = `/jobs/${encodeURIComponent(job_id)}`;
  const { data: asked, error, again } = useAsked<TaskJobAnswer>(path, { eachSecondWhile: isLive });
  const [revealed, setRevealed] = useState<{ readonly path: string; readonly target: string | null }>();
  const target = revealed?.path === path ? revealed.target : undefined;
  const job = asked && target ? { ...asked, target_url: target } : asked;
  const attemptsPath = `${path}/attempts?limit=200`;
  const attempts = useAsked<z.infer<typeof attemptPage>>(attemptsPath, {
    eachSecondWhile: () => isLive(job),
  });
  return (
    <>
      <Head title={job ? job.task : "Job"} note={<Mono>{job_id}</Mono>}>
        {job && (
          <JobActions
            job={job}
            done={() => {
              again();
              attempts.again();
            }}
          />
        )}
      </Head>
      <Trouble error={error} />
      {job && (
        <>
          <Headline job={job} />
          <div class="two">
            <section aria-label="Attempts">
              <h2>Timeline</h2>
              <Timeline job={job} attempts={attempts.data} at={attemptsPath} />
            </section>
            <section aria-label="What it is">
              <h2>Job</h2>
              <JobFacts job={job} attempts={attempts.data?.data} goes={target ?? goesTo(job)} />
              <Input job={job} reveal={(shown) => setRevealed({ path, target: shown })} />
              {job.result !== null && (
                <Revealed
                  name="Result"
                  text={JSON.stringify(job.result)}
                  path={path}
                  from={(answer) => memberOf(answer, "result")}
                />
              )}
              <AuditOf target={job.job_id} tenant={job.tenant} />
            </section>
          </div>
        </>
      )}
    </>
  );
}

function Headline({ job }: { readonly job: TaskJobAnswer }) {
  const endpoint = `/tenants/${job.tenant}/endpoints/${job.endpoint_id}`;
  const isWaiting = job.status === "queued";
  const each = { eachSecondWhile: () => isLive(job) };
  const { data: of } = useAsked<EndpointAnswer>(isWaiting && job.endpoint_id ? endpoint : null);
  const { data: workers } = useAsked<z.infer<typeof workerPage>>(
    isLive(job) && offers("GET /workers") ? "/workers" : null,
    each,
  );
  const { data: standing } = useAsked<StandingAnswer>(
    isLive(job) && offers("GET /jobs/{job_id}/standing") ? `/jobs/${job.job_id}/standing` : null,
    each,
  );
  const now = second.value >= 0 ? serverNow() : 0;
  return (
    <p class={`headline headline-${job.status}`}>
      <Status of={job.status} />
      <span>
        {headline(job, {
          ...{ now, zone: zone(), endpoint: of, health: of?.health },
          ...{ workers: workers?.data, standing },
        })}
        .
      </span>
      {job.progress && (
        <progress value={job.progress.fraction} aria-label={job.progress.note ?? "progress"} />
      )}
    </p>
  );
}

interface TimelineProps {
  readonly job: TaskJobAnswer;
  readonly attempts: z.infer<typeof attemptPage> | undefined;
  /** The path of the attempts. */
  readonly at: string;
}

/** What is ahead, then what happened, newest first. */
function Timeline({ job, attempts, at }: TimelineProps) {
  return (
    <ol class="timeline">
      {isLive(job) && <Ahead job={job} />}
      {job.finished_at && job.status !== "succeeded" && (
        <li class={`at-${job.status}`}>
          <Status of={job.status} /> <Time at={job.finished_at} exact />
        </li>
      )}
      {attempts?.data.map((attempt) => (
        <AttemptCard key={attempt.attempt} attempt={attempt} path={at} />
      ))}
      {attempts?.next_cursor && <li class="faint">older attempts are not shown</li>}
      <li class="at-accepted">
        <strong>Accepted</strong>, on disk <Time at={job.created_at} exact />
      </li>
    </ol>
  );
}

function Ahead({ job }: { readonly job: TaskJobAnswer }) {
  if (job.status === "running")
    return (
      <li class="at-running">
        <strong>Attempt {job.attempts}</strong> is running
      </li>
    );
  return (
    <li class="at-queued">
      <strong>Attempt {job.attempts + 1}</strong>{" "}
      {job.run_at ? <Time at={job.run_at} /> : "once it is released"}
    </li>
  );
}

interface InputProps {
  readonly job: TaskJobAnswer;
  /** Called with the target, including its query. */
  reveal(target: string | null): void;
}

/** Its payload: its own, or the event's. */
function Input({ job, reveal }: InputProps) {
  const own = `/jobs/${job.job_id}`;
  const path = job.event_id ? `/webhooks/events/${job.event_id}` : `${own}/input`;
  const { data } = useAskedText(path);
  const from = (answer: string) => memberOf(answer, job.event_id ? "payload" : "input");
  const text = data === undefined ? undefined : from(data);
  // an event goes to every endpoint that wants it: for one delivery of it there is "Redeliver"
  const isSentAgain =
    job.event_id === undefined && (job.task !== "webhook.deliver" || job.target_url !== null);
  return text === undefined ? null : (
    <Revealed
      key={path}
      name={job.task === "webhook.deliver" ? "Payload" : "Input"}
      text={text}
      path={path}
      from={from}
      besides={{
        isHidden: isSentAgain && (job.target_url?.includes("••••") ?? false),
        reveal: async (query) => reveal((await api.get<TaskJobAnswer>(`${own}?${query}`)).target_url),
      }}
      action={(whole) => (
        <>
          {isSentAgain && <SendAsNew job={job} text={whole} />}
          {job.task === "webhook.deliver" && offers("GET /jobs/{job_id}/request") && (
            <DeliveryRequest job={job} text={whole} />
          )}
        </>
      )}
    />
  );
}
