import type { z } from "zod";
import type { eventPage, ListedEventAnswer } from "../../../src/http/schemas/event.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { useSteady } from "../live/steady.ts";
import { curlTo } from "../parts/curl.ts";
import { Condition, Filters, MomentCondition } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { Empty, Head, Mono, pageAt, Snippet, Time } from "../parts/marks.tsx";
import { News } from "../parts/news.tsx";
import { search, useQuery } from "../parts/query.ts";

const NEWEST = 50;

/** What happened, newest first. */
export function Events() {
  const { query, linkWith } = useQuery();
  const { tenant, type, channel, tag, since, until, text, cursor } = query;
  const isFiltered = tenant || type || channel || tag || since || until || text;
  const path = `/webhooks/events${search({ tenant, type, channel, tag, since, until, text, cursor, limit: String(NEWEST) })}`;
  // a search is work for the server: it is not made again with each news
  const asked = useAsked<z.infer<typeof eventPage>>(path, { once: text !== undefined });
  const { shown, waiting, show } = useSteady(asked.data, path, ({ event_id }) => event_id);
  return (
    <>
      <Head title="Events" />
      <Filters>
        <Condition of="tenant" name="Tenant" />
        <Condition of="type" name="Type" />
        <Condition of="channel" name="Channel" />
        <Condition of="tag" name="Tag" />
        <MomentCondition of="since" name="Accepted from" />
        <MomentCondition of="until" name="Accepted before" />
        <Condition of="text" name="Text or id" placeholder="order-42, $.data.id = 42" />
      </Filters>
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
              <p>Send the first one from a shell:</p>
              <Snippet
                text={curlTo(
                  "/webhooks/events",
                  '{"tenant": "acme", "type": "invoice.paid", "payload": {"id": 42}}',
                )}
              />
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
