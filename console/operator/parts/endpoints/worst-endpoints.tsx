import type { z } from "zod";
import type {
  FailingEndpointAnswer,
  failingPage,
  WaitingEndpointAnswer,
  waitingPage,
} from "../../../../src/http/schemas/endpoint-list.ts";
import { type Column, Table } from "../../../kit/table.tsx";
import { useAsked } from "../../live/asked.ts";
import { span } from "../../rules/times.ts";
import { pageAt } from "../marks.tsx";
import { search } from "../query.ts";
import { Backlog } from "./endpoint-backlog.tsx";

type Named = Pick<WaitingEndpointAnswer, "endpoint_id" | "tenant" | "url">;

const ENDPOINT: Column<Named> = {
  name: "Endpoint",
  isLong: true,
  cell: ({ endpoint_id, tenant, url }) => (
    <a href={pageAt("endpoints", tenant, endpoint_id)} title={url}>
      {url}
    </a>
  ),
};

/** Shows the numbers of this page for one endpoint alone. */
const ONLY: Column<Named> = {
  name: "",
  cell: ({ endpoint_id: endpoint, tenant, url }) => (
    <a href={`${pageAt()}${search({ tenant, endpoint })}`} aria-label={`Only this: ${url}`}>
      Only this
    </a>
  ),
};

const WAITING: readonly Column<WaitingEndpointAnswer>[] = [
  ENDPOINT,
  { name: "Waiting", label: "waiting", cell: (endpoint) => <Backlog of={endpoint} /> },
  ONLY,
];

/** How many, with a link to these jobs. */
function counted(
  name: string,
  of: "failed" | "retried",
  jobs: Readonly<Record<string, string>>,
): Column<FailingEndpointAnswer> {
  return {
    ...{ name, isNumber: true, label: of },
    cell: ({ endpoint_id: endpoint, tenant, stats }) => (
      <span>
        <a href={`${pageAt("jobs")}${search({ tenant, endpoint, ...jobs })}`}>
          {stats[of].toLocaleString("en")}
        </a>
      </span>
    ),
  };
}

const FAILING: readonly Column<FailingEndpointAnswer>[] = [
  ENDPOINT,
  counted("Failed", "failed", { status: "failed" }),
  counted("Retried", "retried", { attempts_from: "1" }),
  {
    name: "Succeeded",
    isNumber: true,
    label: "succeeded",
    cell: ({ stats: { succeeded } }) => succeeded.toLocaleString("en"),
  },
  {
    name: "95 % within",
    isNumber: true,
    label: "95 % within",
    cell: ({ stats: { attempt_ms } }) => (attempt_ms ? span(attempt_ms.p95) : "–"),
  },
  ONLY,
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
        columns={WAITING}
        rows={data.data}
        keyOf={({ endpoint_id }) => endpoint_id}
      />
    </section>
  );
}

/** The endpoints that most attempts failed for; nothing where none did. */
export function MostFailing() {
  const { data } = useAsked<z.infer<typeof failingPage>>("/failing-endpoints");
  if (!data || data.data.length === 0) return null;
  return (
    <section>
      <h2>
        Endpoints that fail most <a href={pageAt("failures")}>all failures</a>
      </h2>
      <Table
        caption="The endpoints with the most failed attempts in the last 24 hours"
        columns={FAILING}
        rows={data.data}
        keyOf={({ endpoint_id }) => endpoint_id}
      />
      <p class="faint counted">In the last 24 hours, as each process last recorded it, a few seconds ago.</p>
    </section>
  );
}
