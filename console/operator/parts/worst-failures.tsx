import { useState } from "preact/hooks";
import type { z } from "zod";
import type { FailureAnswer, failurePage } from "../../../src/http/schemas/failure.ts";
import { type Column, Table } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { Lane } from "./lane.tsx";
import { pageAt, Time } from "./marks.tsx";
import { search } from "./query.ts";

const MOST_LOOKED_AT = "100";
const FEW = 5;

const WORST: readonly Column<FailureAnswer>[] = [
  { name: "How often", isNumber: true, cell: ({ n }) => `${n.toLocaleString("en")} ×` },
  {
    name: "Task",
    cell: ({ task, fingerprint }) => <a href={pageAt("failures", fingerprint)}>{task}</a>,
  },
  { name: "Lane", isLong: true, cell: ({ lane }) => <Lane of={lane} /> },
  {
    name: "Failed with",
    isLong: true,
    cell: ({ sample }) => <span class="error clip">{sample.split("\n", 1)[0]}</span>,
  },
  { name: "Last", cell: ({ last_at }) => <Time at={last_at} /> },
];

/** The groups of the last hour that fail most. */
export function WorstFailures({
  task,
  lane,
}: {
  readonly task?: string | undefined;
  readonly lane?: string | undefined;
}) {
  const [since] = useState(() => new Date(Date.now() - 3_600_000).toISOString());
  const { data } = useAsked<z.infer<typeof failurePage>>(
    `/failures${search({ state: "open", since, task, lane, limit: MOST_LOOKED_AT })}`,
  );
  const worst = data?.data.toSorted((one, other) => other.n - one.n).slice(0, FEW) ?? [];
  if (worst.length === 0) return null;
  return (
    <section>
      <h2>
        What fails <a href={`${pageAt("failures")}${search({ task, lane })}`}>all</a>
      </h2>
      <Table
        caption="The groups of the last hour that fail most"
        columns={WORST}
        rows={worst}
        keyOf={({ fingerprint }) => fingerprint}
      />
    </section>
  );
}
