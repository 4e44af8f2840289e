import type { z } from "zod";
import type { BulkAnswer, bulkPage } from "../../../src/http/schemas/bulk.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { List } from "../parts/list.tsx";
import { Empty, Head, Mono, pageAt, Status, Time } from "../parts/marks.tsx";
import { search, useQuery } from "../parts/query.ts";
import { filterText } from "../rules/filter-text.ts";
import { requestOf } from "../rules/repeat-run.ts";
import { VERBS } from "./bulk-run.tsx";

/** The runs, each one action over all jobs that matched; newest first. */
export function BulkRuns() {
  const { query, linkWith } = useQuery();
  const asked = useAsked<z.infer<typeof bulkPage>>(`/bulk${search({ cursor: query.cursor })}`);
  return (
    <>
      <Head title="Bulk runs" note="One action over all jobs that match, paced below live traffic." />
      <List
        caption="Bulk runs, newest first"
        asked={asked}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        linkWith={linkWith}
        empty={
          <Empty title="No bulk runs">
            <p>
              Filter <a href={`${pageAt("jobs")}?status=failed`}>the jobs</a>, then choose what to do with all
              that match.
            </p>
          </Empty>
        }
      />
    </>
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
  { name: "Done", isNumber: true, label: "done", cell: ({ done }) => done },
  { name: "Skipped", isNumber: true, label: "skipped", cell: ({ matched, done }) => matched - done },
  { name: "By", label: "by", cell: ({ actor }) => actor ?? "–" },
  { name: "Started", cell: ({ created_at }) => <Time at={created_at} /> },
];
