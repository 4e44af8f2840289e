import type { z } from "zod";
import type { EndpointDetail } from "../../../../src/http/schemas/endpoint-list.ts";
import type { EventAtEndpointAnswer, unsentPage } from "../../../../src/http/schemas/unsent.ts";
import type { Column } from "../../../kit/table.tsx";
import { useAsked } from "../../live/asked.ts";
import { useSteady } from "../../live/steady.ts";
import { SURPRISING, WHY } from "../../rules/unsent-reasons.ts";
import { Condition, Filters, MomentCondition, Tabs } from "../filters.tsx";
import { BulkDialog } from "../jobs/bulk-dialog.tsx";
import { List } from "../list.tsx";
import { Empty, Mono, pageAt, Time, Trouble } from "../marks.tsx";
import { News } from "../news.tsx";
import { search, useQuery } from "../query.ts";

const COLUMNS: readonly Column<EventAtEndpointAnswer>[] = [
  { name: "Type", cell: ({ event_id, type }) => <a href={pageAt("events", event_id)}>{type}</a> },
  { name: "Event", cell: (event) => <Mono>{event.given_event_id ?? event.event_id}</Mono> },
  { name: "Why not", cell: ({ reason }) => <span class="whole">{WHY[reason ?? ""]}</span> },
  { name: "Accepted", cell: ({ created_at }) => <Time at={created_at} /> },
];

const NEWEST = 50;

interface UnsentProps {
  readonly of: EndpointDetail;
  /** The endpoint's path. */
  readonly at: string;
}

/** What an endpoint did not get, and why; one button sends what it missed. */
export function EndpointUnsent({ of, at }: UnsentProps) {
  const { query } = useQuery();
  const { cursor, since, until, type, event, reason } = query;
  const reasons = reason === "any" ? undefined : (reason ?? SURPRISING);
  const path = `${at}/unsent${search({ cursor, since, until, type, reason: reasons, limit: String(NEWEST) })}`;
  const asked = useAsked<z.infer<typeof unsentPage>>(path);
  const { shown, waiting, show } = useSteady(asked.data, path, ({ event_id }) => event_id);
  return (
    <section class="unsent">
      <div class="line">
        <h2>Not sent to it, and why</h2>
        <Tabs
          of="reason"
          among={[undefined, "any"]}
          said={(each) => (each === undefined ? "what it may have expected" : "everything")}
        />
        <BulkDialog
          label="Send what it never got…"
          about={`Events of its tenant that ${of.url} wants now but has no delivery of.`}
          filter={{
            tenant: of.tenant,
            endpoint: of.endpoint_id,
            ...(since && { created_from: since }),
            ...(since && until && { created_before: until }),
          }}
          actions={["replay"]}
          what="missing"
        />
      </div>
      <Filters>
        <Condition of="event" name="One event" placeholder="its id, or yours" />
        <Condition of="type" name="Type" />
        <MomentCondition of="since" name="Accepted from" />
        <MomentCondition of="until" name="Accepted before" />
      </Filters>
      {event && <OneEvent at={at} event={event} />}
      {!cursor && <News waiting={waiting} most={NEWEST} show={show} />}
      <List
        caption="Events that were not sent to it, newest first"
        asked={{ ...asked, data: shown }}
        columns={COLUMNS}
        keyOf={({ event_id }) => event_id}
        empty={
          <Empty title="Nothing was left out">
            <p>
              {type || since || until || reason === undefined
                ? "It got every such event, or asks for others."
                : "It got every event that is kept."}
            </p>
          </Empty>
        }
      />
      {asked.data && <Searched of={asked.data} />}
    </section>
  );
}

/** How far it was looked, where that is not the whole list. */
function Searched({ of }: { readonly of: z.infer<typeof unsentPage> }) {
  const { query, linkWith } = useQuery();
  if (!of.next_cursor && !query.cursor) return null;
  return (
    <p class="line faint" role="status">
      {query.cursor && <a href={linkWith({ cursor: undefined })}>Back to the newest</a>}
      {of.searched_to && (
        <span>
          Searched back to <Time at={of.searched_to} exact />.
        </span>
      )}
      {of.next_cursor && <a href={linkWith({ cursor: of.next_cursor })}>Go on</a>}
    </p>
  );
}

/** Whether the endpoint got one event. */
function OneEvent({ at, event }: { readonly at: string; readonly event: string }) {
  const { data, error } = useAsked<EventAtEndpointAnswer>(`${at}/events/${encodeURIComponent(event)}`);
  return (
    <>
      <Trouble error={error} />
      {data && (
        <p class="card line" role="status">
          <a href={pageAt("events", data.event_id)}>{data.type}</a>
          <Time at={data.created_at} />
          {data.job_id ? (
            <span>
              It got it: <a href={pageAt("jobs", data.job_id)}>its delivery</a>
            </span>
          ) : (
            <strong>{WHY[data.reason ?? ""]}.</strong>
          )}
        </p>
      )}
    </>
  );
}
