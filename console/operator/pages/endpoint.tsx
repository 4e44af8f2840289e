import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { endpointAttemptPage } from "../../../src/http/schemas/attempt.ts";
import type { ChangeAnswer, historyAnswer } from "../../../src/http/schemas/endpoint.ts";
import type { EndpointDetail } from "../../../src/http/schemas/endpoint-list.ts";
import type { TrialAnswer } from "../../../src/http/schemas/endpoint-operations.ts";
import { useAsked } from "../live/asked.ts";
import { EndpointActions } from "../parts/endpoints/endpoint-actions.tsx";
import { Backlog } from "../parts/endpoints/endpoint-backlog.tsx";
import { endpointAt } from "../parts/endpoints/endpoint-field.tsx";
import { HealthOf } from "../parts/endpoints/endpoint-health.tsx";
import { EndpointNumbers } from "../parts/endpoints/endpoint-numbers.tsx";
import { EndpointSecret } from "../parts/endpoints/endpoint-secret.tsx";
import { EndpointSettings } from "../parts/endpoints/endpoint-settings.tsx";
import { EndpointUnsent } from "../parts/endpoints/endpoint-unsent.tsx";
import { SentTo } from "../parts/endpoints/sent-to.tsx";
import { Head, Loading, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { Payload } from "../parts/payload.tsx";
import { search, useQuery } from "../parts/query.ts";
import { span } from "../rules/times.ts";

/** One endpoint: how it does, what it is set to, what goes to it, who changed it. */
export function EndpointPage() {
  const { tenant = "", endpoint = "" } = useRoute().params;
  const at = endpointAt(tenant, endpoint);
  const { data, error, again } = useAsked<EndpointDetail>(`${at}?backlog=true&secrets=true`);
  const history = useAsked<z.infer<typeof historyAnswer>>(`${at}/history`);
  const attempts = useAsked<z.infer<typeof endpointAttemptPage>>(`${at}/attempts?limit=50`);
  const [trial, setTrial] = useState<TrialAnswer>();
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
        {data && <EndpointActions of={data} at={at} done={done} tried={setTrial} />}
      </Head>
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          <Standing of={data} />
          <p class="line waits">
            <strong>Waiting</strong> <Backlog of={data} />
          </p>
          {trial && <Tried trial={trial} />}
          <EndpointNumbers at={at} />
          <EndpointUnsent of={data} at={at} />
          <div class="two">
            <section>
              <h2>
                Sent to it{" "}
                <a href={`${pageAt("jobs")}${search({ tenant: data.tenant, endpoint: data.endpoint_id })}`}>
                  all deliveries, including waiting ones
                </a>
              </h2>
              <Trouble error={attempts.error} />
              {attempts.data && <SentTo attempts={attempts.data.data} />}
            </section>
            <section>
              <h2>Settings</h2>
              <EndpointSettings of={data} at={at} attempts={attempts.data?.data ?? []} />
              <EndpointSecret at={at} of={data.secrets ?? []} done={done} />
              <h2>Changes</h2>
              <Changes newestFirst={history.data?.data} />
            </section>
          </div>
        </>
      )}
    </>
  );
}

/** Whether it gets anything, and how it does. */
function Standing({ of }: { readonly of: EndpointDetail }) {
  return (
    <p class={`headline headline-${of.status}`}>
      <Status of={of.status} />
      <span>
        {of.status !== "active" && (
          <>
            since <Time at={of.status_changed_at} />
            {of.status_actor && ` by ${of.status_actor}`}
            {of.status_reason && `: ${of.status_reason}`}.{" "}
          </>
        )}
        <HealthOf endpoint={of} />
        {of.health.last_error && `; last error: ${of.health.last_error}`}
      </span>
    </p>
  );
}

function Tried({ trial }: { readonly trial: TrialAnswer }) {
  return (
    <div class="card stack tried">
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

function Changes({ newestFirst }: { readonly newestFirst: readonly ChangeAnswer[] | undefined }) {
  return (
    <ol class="timeline">
      {newestFirst?.map((change, at) => (
        <Change
          key={change.revision}
          change={change}
          until={newestFirst.slice(0, at).findLast(({ changes }) => changes.status)?.at}
        />
      ))}
      {newestFirst?.length === 0 && <li class="faint">Unchanged since it was created.</li>}
    </ol>
  );
}

interface ChangeProps {
  readonly change: ChangeAnswer;
  /** When its status changed next; undefined if it did not. */
  readonly until: string | undefined;
}

function Change({ change, until }: ChangeProps) {
  const { linkWith } = useQuery();
  const isStop = change.changes.status?.is === "disabled";
  return (
    <li>
      <strong>{Object.keys(change.changes).join(", ") || "created"}</strong> <Time at={change.at} />
      <div class="faint">
        {change.actor ?? "by the server"}
        {change.reason && `: ${change.reason}`}
      </div>
      {isStop && (
        <a
          href={linkWith({
            since: change.at,
            until,
            reason: "disabled",
            event: undefined,
            cursor: undefined,
          })}
        >
          what it missed
        </a>
      )}
    </li>
  );
}
