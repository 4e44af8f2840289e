import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { eventAnswer } from "../../../src/http/schemas/event.ts";
import type { TaskJobPage } from "../../../src/http/schemas/task-job.ts";
import { memberOf } from "../../kit/json-tokens.ts";
import { useAsked, useAskedText } from "../live/asked.ts";
import { AuditOf } from "../parts/audit-of.tsx";
import { BulkDialog } from "../parts/jobs/bulk-dialog.tsx";
import { JobRows } from "../parts/jobs/job-rows.tsx";
import { Facts, Head, Mono, pageAt, Time, Trouble } from "../parts/marks.tsx";
import { search } from "../parts/query.ts";
import { Revealed } from "../parts/revealed.tsx";
import { REASONS } from "../rules/unsent-reasons.ts";

type EventAnswer = z.infer<typeof eventAnswer>;

const ENDED = ["succeeded", "failed", "cancelled"];

/** One event: to whom it went, to whom not, and why. */
export function EventPage() {
  const { event = "" } = useRoute().params;
  const at = `/webhooks/events/${encodeURIComponent(event)}`;
  const { data, error } = useAsked<EventAnswer>(at);
  const { data: text } = useAskedText(at);
  const jobs = useAsked<TaskJobPage>(`${at}/jobs?limit=50`);
  const deliveries = jobs.data?.data;
  const payload = text === undefined ? undefined : memberOf(text, "payload");
  return (
    <>
      <Head title={data?.type ?? "Event"} note={<Mono>{event}</Mono>}>
        {data && deliveries && deliveries.length > 0 && (
          <BulkDialog
            label="Redeliver…"
            about="All deliveries of this event that have ended, to any endpoint, at any time."
            filter={{ tenant: data.tenant, event: data.event_id, status: ENDED }}
            actions={["redeliver"]}
          />
        )}
      </Head>
      <Trouble error={error} />
      {data && (
        <div class="two">
          <section>
            <h2>
              Sent to {data.jobs === 1 ? "one endpoint" : `${data.jobs} endpoints`}{" "}
              {data.jobs > 0 && (
                <a href={`${pageAt("jobs")}${search({ tenant: data.tenant, event: data.event_id })}`}>
                  all deliveries
                </a>
              )}
            </h2>
            {jobs.data && jobs.data.data.length > 0 && (
              <JobRows jobs={jobs.data.data} caption="Its deliveries" />
            )}
            {data.unsent && <Unsent of={data} unsent={data.unsent} />}
          </section>
          <section>
            <h2>Event</h2>
            <EventFacts of={data} />
            {data.is_erased ? <p class="faint">Its payload was erased.</p> : null}
            {payload !== undefined && (
              <Revealed
                key={at}
                name="Payload"
                text={payload}
                path={at}
                from={(answer) => memberOf(answer, "payload")}
              />
            )}
            <AuditOf target={event} tenant={data.tenant} />
          </section>
        </div>
      )}
    </>
  );
}

interface UnsentProps {
  readonly of: EventAnswer;
  readonly unsent: NonNullable<EventAnswer["unsent"]>;
}

/** How many endpoints do not get it and why, and those of them that may have expected it. */
function Unsent({ of, unsent }: UnsentProps) {
  return (
    <>
      <h2>Not sent, and why</h2>
      <ul class="timeline">
        {Object.entries(unsent.counts).map(([reason, n]) => (
          <li key={reason}>
            {n === 1 ? "1 endpoint" : `${n} endpoints`} {REASONS[reason]}
          </li>
        ))}
        {unsent.named.map(({ endpoint_id, reason }) => (
          <li key={endpoint_id}>
            <a href={pageAt("endpoints", of.tenant, endpoint_id)}>{endpoint_id}</a>{" "}
            <span class="faint">{REASONS[reason]}</span>{" "}
            <BulkDialog
              label="Send to it…"
              about={`This event, if ${endpoint_id} wants it now.`}
              filter={{
                ...{ tenant: of.tenant, endpoint: endpoint_id },
                created_from: of.created_at,
                created_before: new Date(Date.parse(of.created_at) + 1).toISOString(),
              }}
              actions={["replay"]}
              what="missing"
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function EventFacts({ of }: { readonly of: EventAnswer }) {
  return (
    <Facts
      of={[
        ["Tenant", <a href={pageAt("endpoints", of.tenant)}>{of.tenant}</a>],
        ["Your id", of.given_event_id ?? "–"],
        ["Channels", of.channels?.join(", ") ?? "none"],
        ["Tags", of.tags?.join(", ") ?? "none"],
        ["Content type", of.content_type],
        ["Accepted", <Time at={of.created_at} exact />],
      ]}
    />
  );
}
