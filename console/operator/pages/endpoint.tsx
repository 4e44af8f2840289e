import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { ChangeAnswer, EndpointAnswer, historyAnswer } from "../../../src/http/schemas/endpoint.ts";
import type { TrialAnswer } from "../../../src/http/schemas/endpoint-operations.ts";
import { useAsked } from "../live/asked.ts";
import { tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { JobRows } from "../parts/job-rows.tsx";
import { Facts, Head, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { Payload } from "../parts/payload.tsx";
import { span } from "../rules/times.ts";
import { HealthOf } from "./endpoints.tsx";
import type { JobPage } from "./jobs.tsx";

/** One endpoint: how it does, what it is set to, what goes to it, who changed it. */
export function EndpointPage() {
  const { tenant = "", endpoint = "" } = useRoute().params;
  const at = `/tenants/${encodeURIComponent(tenant)}/endpoints/${encodeURIComponent(endpoint)}`;
  const { data, error, again } = useAsked<EndpointAnswer>(at);
  const history = useAsked<z.infer<typeof historyAnswer>>(`${at}/history`);
  const [trial, setTrial] = useState<TrialAnswer>();
  const lane = data ? `${data.tenant}/${data.endpoint_id}` : undefined;
  const jobs = useAsked<JobPage>(lane ? `/jobs?limit=20&lane=${encodeURIComponent(lane)}` : null);
  const done = () => {
    again();
    history.again();
  };
  return (
    <>
      <Head
        title={data?.description || data?.uid || "Endpoint"}
        note={
          <>
            <a href={pageAt("endpoints", tenant)}>Its tenant</a> · <Mono>{data?.url ?? endpoint}</Mono>
          </>
        }
      >
        {data && <Actions of={data} at={at} done={done} tried={setTrial} />}
      </Head>
      <Trouble error={error} />
      {data && (
        <>
          <p class={`headline headline-${data.status}`}>
            <Status of={data.status} />
            <span>
              {data.status !== "active" && (
                <>
                  since <Time at={data.status_changed_at} />
                  {data.status_reason && `: ${data.status_reason}`}.{" "}
                </>
              )}
              <HealthOf endpoint={data} />
              {data.health.last_error && `; last error: ${data.health.last_error}`}
            </span>
          </p>
          {trial && <Tried trial={trial} />}
          <div class="two">
            <section>
              <h2>Deliveries</h2>
              {jobs.data?.data.length === 0 && <p class="faint">Nothing was sent to it yet.</p>}
              {jobs.data && jobs.data.data.length > 0 && (
                <JobRows jobs={jobs.data.data} caption="Its deliveries" />
              )}
            </section>
            <section>
              <h2>Settings</h2>
              <Settings of={data} />
              <h2>Changes</h2>
              <ol class="timeline">
                {history.data?.data.map((change) => (
                  <Change key={change.revision} change={change} />
                ))}
                {history.data?.data.length === 0 && <li class="faint">Unchanged since it was made.</li>}
              </ol>
            </section>
          </div>
        </>
      )}
    </>
  );
}

function Actions({
  of,
  at,
  done,
  tried,
}: {
  readonly of: EndpointAnswer;
  readonly at: string;
  readonly done: () => void;
  readonly tried: (trial: TrialAnswer) => void;
}) {
  const act = (what: string) => () => tell(`${at}/${what}`);
  return (
    <>
      <AskFirst
        label="Test"
        takes="manage"
        title="Send an example now?"
        act={() => tell<TrialAnswer>(`${at}/test`).then(tried)}
        done={done}
      >
        <p>It gets one signed example, and its answer is shown here. It is not retried.</p>
      </AskFirst>
      {of.status === "active" && (
        <AskFirst label="Pause" takes="manage" title="Pause this endpoint?" act={act("pause")} done={done}>
          <p>What is sent to it waits until it is resumed.</p>
        </AskFirst>
      )}
      {of.status === "paused" && (
        <AskFirst label="Resume" takes="manage" title="Resume this endpoint?" act={act("resume")} done={done}>
          <p>What waits for it goes out.</p>
        </AskFirst>
      )}
      {of.status === "disabled" ? (
        <AskFirst label="Enable" takes="manage" title="Enable this endpoint?" act={act("enable")} done={done}>
          <p>It gets events again from now on. Those that it missed are not sent by this.</p>
        </AskFirst>
      ) : (
        <AskFirst
          label="Disable"
          takes="manage"
          danger
          title="Disable this endpoint?"
          act={act("disable")}
          done={done}
        >
          <p>It gets no new events, and what waits for it stays where it is.</p>
        </AskFirst>
      )}
    </>
  );
}

function Tried({ trial }: { readonly trial: TrialAnswer }) {
  return (
    <div class="card stack">
      <p class="line">
        <Status of={trial.succeeded ? "succeeded" : "failed"} />
        <span class="code">{trial.http_status ?? "no answer"}</span>
        <span>
          {trial.type}, {span(trial.duration_ms)}
        </span>
        {trial.error && <span class="warn">{trial.error}</span>}
      </p>
      {trial.excerpt && <Payload name="Answer" text={trial.excerpt} />}
    </div>
  );
}

function Settings({ of }: { readonly of: EndpointAnswer }) {
  return (
    <Facts
      of={[
        ["URL", <Mono>{of.url}</Mono>],
        ["Id", <Mono>{of.endpoint_id}</Mono>],
        ["Event types", of.event_types?.join(", ") ?? "every type"],
        ["Channels", of.channels?.join(", ") ?? "any, and none"],
        ["Signature", `${of.signature}, ${of.header_style} headers`],
        ["Timeout", of.timeout ?? "15s"],
        ["Limits", of.limits ? <Mono>{JSON.stringify(of.limits)}</Mono> : "none of its own"],
        ["Own headers", of.headers.length === 0 ? "none" : of.headers.join(", ")],
        ["Last success", <Time at={of.health.last_success_at} />],
        ["Last failure", <Time at={of.health.last_failure_at} />],
        ["Made", <Time at={of.created_at} exact />],
      ]}
    />
  );
}

function Change({ change }: { readonly change: ChangeAnswer }) {
  return (
    <li>
      <strong>{Object.keys(change.changes).join(", ") || "made"}</strong> <Time at={change.at} />
      <div class="faint">
        {change.actor ?? "by the server"}
        {change.reason && `: ${change.reason}`}
      </div>
    </li>
  );
}
