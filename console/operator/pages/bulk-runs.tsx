import type { z } from "zod";
import type { BulkAnswer, bulkPage } from "../../../src/http/schemas/bulk.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { Condition, Filters, Tabs } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { Empty, Head, Mono, pageAt, Status, Time } from "../parts/marks.tsx";
import { search, useQuery } from "../parts/query.ts";
import { filterText } from "../rules/filter-text.ts";
import { requestOf } from "../rules/repeat-run.ts";
import { leftTold, VERBS } from "./bulk-run.tsx";

const STATES = ["waiting", "running", "paused", "stopped", "done", "taken_back"];
const FILTERS = ["state", "action", "tenant", "actor"];

/** The runs, each one action over all jobs that matched; newest first. */
export function BulkRuns() {
  const { query, change, linkWith } = useQuery();
  const { state, action, tenant, actor, cursor } = query;
  const asked = useAsked<z.infer<typeof bulkPage>>(
    `/bulk${search({ state, action, tenant, actor, cursor })}`,
  );
  const isFiltered = FILTERS.some((name) => query[name] !== undefined);
  return (
    <>
      <Head title="Bulk runs" note="One action over all jobs that match, paced below live traffic." />
      <Filters>
        <Tabs
          of="state"
          among={[undefined, ...STATES]}
          said={(each) => each?.replaceAll("_", " ") ?? "all"}
        />
        <label>
          Action
          <select
            value={action ?? ""}
            onChange={(event) => change({ action: event.currentTarget.value, cursor: undefined })}
          >
            <option value="">any</option>
            {Object.entries(VERBS).map(([value, said]) => (
              <option key={value} value={value}>
                {said}
              </option>
            ))}
          </select>
        </label>
        <Condition of="tenant" name="Tenant" />
        <Condition of="actor" name="By" />
      </Filters>
      <List
        caption="Bulk runs, newest first"
        asked={asked}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        linkWith={linkWith}
        empty={
          isFiltered ? (
            <Empty title="Nothing matches">
              <p>
                No bulk run matches these conditions. <a href={pageAt("bulk")}>Show all bulk runs</a>
              </p>
            </Empty>
          ) : (
            <Empty title="No bulk runs">
              <p>
                Filter <a href={`${pageAt("jobs")}?status=failed`}>the jobs</a>, then choose what to do with
                all that match.
              </p>
            </Empty>
          )
        }
      />
    </>
  );
}

/** How far it is, and how long the rest takes. */
function Progress({ run: { matched, remaining } }: { readonly run: BulkAnswer }) {
  if (!remaining) return <>–</>;
  return (
    <span class="line">
      <progress value={matched} max={matched + remaining.n || 1} aria-label="Progress" />
      <span class="faint">{leftTold(remaining)}</span>
    </span>
  );
}

const COLUMNS: readonly Column<BulkAnswer>[] = [
  { name: "State", cell: ({ state }) => <Status of={state} /> },
  { name: "What", cell: ({ id, action }) => <a href={pageAt("bulk", id)}>{VERBS[action]}</a> },
  {
    name: "Which jobs",
    isLong: true,
    cell: (run) => <Mono>{filterText(requestOf(run).filter)}</Mono>,
  },
  { name: "Left", label: "left", cell: (run) => <Progress run={run} /> },
  { name: "Done", isNumber: true, label: "done", cell: ({ done }) => done.toLocaleString("en") },
  {
    name: "Skipped",
    isNumber: true,
    label: "skipped",
    cell: ({ matched, done }) => (matched - done).toLocaleString("en"),
  },
  { name: "By", label: "by", cell: ({ actor }) => (actor ? <Mono>{actor}</Mono> : "–") },
  { name: "Started", cell: ({ created_at }) => <Time at={created_at} /> },
];
