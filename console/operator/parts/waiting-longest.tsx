import type { z } from "zod";
import type { WaitingEndpointAnswer, waitingPage } from "../../../src/http/schemas/endpoint-list.ts";
import { type Column, Table } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { Backlog } from "./endpoint-backlog.tsx";
import { pageAt } from "./marks.tsx";

const COLUMNS: readonly Column<WaitingEndpointAnswer>[] = [
  {
    name: "Endpoint",
    isLong: true,
    cell: ({ endpoint_id, tenant, url }) => (
      <a href={pageAt("endpoints", tenant, endpoint_id)} title={url}>
        {url}
      </a>
    ),
  },
  { name: "Waiting", label: "waiting", cell: (endpoint) => <Backlog of={endpoint} /> },
];

/** The endpoints whose oldest due delivery has waited longest; nothing where none is due. */
export function WaitingLongest() {
  const { data } = useAsked<z.infer<typeof waitingPage>>("/backlogs");
  if (!data || data.data.length === 0) return null;
  return (
    <section>
      <h2>
        What waits longest <a href={`${pageAt("jobs")}?status=queued`}>all</a>
      </h2>
      <Table
        caption="The endpoints whose oldest due delivery has waited longest"
        columns={COLUMNS}
        rows={data.data}
        keyOf={({ endpoint_id }) => endpoint_id}
      />
    </section>
  );
}
