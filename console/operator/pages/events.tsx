import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { eventAnswer, eventPage, ListedEventAnswer } from "../../../src/http/schemas/event.ts";
import type { TaskJobPage } from "../../../src/http/schemas/task-job.ts";
import { memberOf } from "../../kit/json-tokens.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked, useAskedText } from "../live/asked.ts";
import { useSteady } from "../live/steady.ts";
import { AuditOf } from "../parts/audit-of.tsx";
import { curlTo } from "../parts/curl.ts";
import { Field, MomentField } from "../parts/field.tsx";
import { BulkDialog } from "../parts/jobs/bulk-dialog.tsx";
import { JobRows } from "../parts/jobs/job-rows.tsx";
import { List } from "../parts/list.tsx";
import { Empty, Facts, Head, Mono, pageAt, Time, Trouble } from "../parts/marks.tsx";
import { News } from "../parts/news.tsx";
import { search, useQuery } from "../parts/query.ts";
import { Revealed } from "../parts/revealed.tsx";
import { REASONS } from "../rules/unsent-reasons.ts";

const NEWEST = 50;

/** What happened, newest first. */
export function Events() {
  const { query, change, linkWith } = useQuery();
  const { tenant, type, channel, tag, since, until, text, cursor } = query;
  const isFiltered = tenant || type || channel || tag || since || until || text;
  const field = (name: string) => (value: string) => change({ [name]: value, cursor: undefined });
  const path = `/webhooks/events${search({ tenant, type, channel, tag, since, until, text, cursor, limit: String(NEWEST) })}`;
  // a search is work for the server: it is not made again with each news
  const asked = useAsked<z.infer<typeof eventPage>>(path, { once: text !== undefined });
  const { shown, waiting, show } = useSteady(asked.data, path, ({ event_id }) => event_id);
  return (
    <>
      <Head title="Events" />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Field name="Tenant" value={tenant} set={field("tenant")} />
        <Field name="Type" value={type} set={field("type")} />
        <Field name="Channel" value={channel} set={field("channel")} />
        <Field name="Tag" value={tag} set={field("tag")} />
        <MomentField name="Accepted from" value={since} set={field("since")} />
        <MomentField name="Accepted before" value={until} set={field("until")} />
        <Field name="Text or id" value={text} set={field("text")} placeholder="order-42, $.data.id = 42" />
      </form>
      {!cursor && <News waiting={waiting} most={NEWEST} show={show} />}
      <List
        caption="Events, newest first"
        asked={{ ...asked, data: shown }}
        columns={COLUMNS}
        keyOf={({ event_id }) => event_id}
        linkWith={linkWith}
        empty={
          isFiltered ? (
            <Empty title="Nothing matches">
              <p>
                <a href={pageAt("events")}>Show all events</a>
              </p>
            </Empty>
          ) : (
            <Empty title="No events yet">
              <p>The first one, from a shell:</p>
              <pre>
                {curlTo(
                  "/webhooks/events",
                  '{"tenant": "acme", "type": "invoice.paid", "payload": {"id": 42}}',
                )}
              </pre>
            </Empty>
          )
        }
      />
    </>
  );
}

const COLUMNS: readonly Column<ListedEventAnswer>[] = [
  { name: "Type", cell: ({ event_id, type }) => <a href={pageAt("events", event_id)}>{type}</a> },
  { name: "Event", cell: (event) => <Mono>{event.given_event_id ?? event.event_id}</Mono> },
  {
    name: "Tenant",
    cell: ({ tenant }) => (
      <a href={pageAt("endpoints", tenant)} class="mono">
        {tenant}
      </a>
    ),
  },
  { name: "Sent to", cell: (event) => <SentTo event={event} /> },
  { name: "Accepted", cell: ({ created_at }) => <Time at={created_at} /> },
];

function SentTo({ event }: { readonly event: ListedEventAnswer }) {
  const unsent = Object.values(event.unsent?.counts ?? {}).reduce((sum, n) => sum + (n ?? 0), 0);
  return (
    <>
      {event.jobs} endpoint{event.jobs === 1 ? "" : "s"}
      {unsent > 0 && <span class="faint">, not to {unsent}</span>}
    </>
  );
}

/** One event: to whom it went, to whom not, and why. */
export function EventPage() {
  const { event = "" } = useRoute().params;
  const at = `/webhooks/events/${encodeURIComponent(event)}`;
  const { data, error } = useAsked<z.infer<typeof eventAnswer>>(at);
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
            {data.unsent && (
              <>
                <h2>Not sent, and why</h2>
                <ul class="timeline">
                  {Object.entries(data.unsent.counts).map(([reason, n]) => (
                    <li key={reason}>
                      {n === 1 ? "1 endpoint" : `${n} endpoints`} {REASONS[reason]}
                    </li>
                  ))}
                  {data.unsent.named.map(({ endpoint_id, reason }) => (
                    <li key={endpoint_id}>
                      <a href={pageAt("endpoints", data.tenant, endpoint_id)}>{endpoint_id}</a>{" "}
                      <span class="faint">{REASONS[reason]}</span>{" "}
                      <BulkDialog
                        label="Send to it…"
                        about={`This event, if ${endpoint_id} wants it now.`}
                        filter={{
                          ...{ tenant: data.tenant, endpoint: endpoint_id },
                          created_from: data.created_at,
                          created_before: new Date(Date.parse(data.created_at) + 1).toISOString(),
                        }}
                        actions={["replay"]}
                        what="missing"
                      />
                    </li>
                  ))}
                </ul>
              </>
            )}
          </section>
          <section>
            <h2>Event</h2>
            <Facts
              of={[
                ["Tenant", <a href={pageAt("endpoints", data.tenant)}>{data.tenant}</a>],
                ["Your id", data.given_event_id ?? "–"],
                ["Channels", data.channels?.join(", ") ?? "none"],
                ["Tags", data.tags?.join(", ") ?? "none"],
                ["Content type", data.content_type],
                ["Accepted", <Time at={data.created_at} exact />],
              ]}
            />
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

const ENDED = ["succeeded", "failed", "cancelled"];
