import { useState } from "preact/hooks";
import type { z } from "zod";
import type { FailureAnswer, failurePage } from "../../../src/http/schemas/failure.ts";
import type { workerPage } from "../../../src/http/schemas/fleet.ts";
import { type Column, Table } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { offers } from "../live/server.ts";
import { EndpointField } from "../parts/endpoints/endpoint-field.tsx";
import { Group } from "../parts/failure-group.tsx";
import { Field } from "../parts/field.tsx";
import { Condition, Filters, MomentCondition, Tabs } from "../parts/filters.tsx";
import { Lane } from "../parts/lane.tsx";
import { Empty, Head, Loading, pageAt, Time, Trouble } from "../parts/marks.tsx";
import { Pager } from "../parts/pager.tsx";
import { search, useQuery } from "../parts/query.ts";
import { lastDeploy } from "../rules/last-deploy.ts";

export type FailurePage = z.infer<typeof failurePage>;

const STATES = ["open", "acknowledged", "resolved"];
/** Conditions that are not needed each time. */
const MORE = ["tenant", "lane", "since", "first_since"];
const FILTERS = ["task", "endpoint", "class", "text", ...MORE];

/** What fails, similar failures together: those that failed last come first. */
export function Failures() {
  const { query, change, linkWith } = useQuery();
  const { task, tenant, endpoint, since, first_since, text, cursor } = query;
  const state = query.state ?? "open";
  const lane = tenant && endpoint ? `${tenant}/${endpoint}` : query.lane;
  const filter = { task, tenant, lane, since, first_since, text, class: query.class };
  const { data, error, again } = useAsked<FailurePage>(
    `/failures${search({ ...filter, ...(state !== "all" && { state }), cursor, limit: "50" })}`,
    { once: text !== undefined },
  );
  const workers = useAsked<z.infer<typeof workerPage>>(offers("GET /workers") ? "/workers" : null);
  const deployed = lastDeploy(workers.data?.data ?? []);
  return (
    <>
      <Head
        title="Failures"
        note="Failed attempts that differ only in numbers, ids, times and quoted text form one group."
      />
      <Filters>
        <Tabs of="state" among={[...STATES, "all"]} isChosen={(each) => each === state} />
        <Condition of="task" name="Task" />
        <EndpointField />
        <Condition of="class" name="Class" placeholder="5xx, timeout, …" />
        <Condition of="text" name="Text in it" />
        <details class="more" open={MORE.some((name) => query[name] !== undefined)}>
          <summary>More conditions</summary>
          <div class="filters">
            <Field
              name="Tenant"
              value={tenant}
              set={(value) => change({ tenant: value, endpoint: undefined, cursor: undefined })}
            />
            <Condition of="lane" name="Lane" />
            <MomentCondition of="since" name="Failed since" />
            <MomentCondition of="first_since" name="New since" />
          </div>
        </details>
      </Filters>
      {deployed && first_since !== deployed.at && (
        <p class="chosen-bar faint">
          <a href={linkWith({ first_since: deployed.at, cursor: undefined })}>New since the last deploy</a>{" "}
          (version {deployed.version} started <Time at={deployed.at} />)
        </p>
      )}
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data?.data.length === 0 && (
        <Nothing
          state={state}
          isFiltered={FILTERS.some((name) => query[name] !== undefined)}
          without={linkWith(Object.fromEntries([...FILTERS, "cursor"].map((name) => [name, undefined])))}
          inAllStates={linkWith({ state: "all", cursor: undefined })}
        />
      )}
      <div class="stack">
        {data?.data.map((group) => (
          <Group key={group.fingerprint} group={group} deployed={deployed} again={again} />
        ))}
      </div>
      <Pager next={data?.next_cursor} previous={data?.prev_cursor} linkWith={linkWith} />
    </>
  );
}

interface NothingProps {
  readonly state: string;
  readonly isFiltered: boolean;
  /** The addresses of the same page with no other condition, and for groups in all states. */
  readonly without: string;
  readonly inAllStates: string;
}

function Nothing({ state, isFiltered, without, inAllStates }: NothingProps) {
  const groups = state === "all" ? "group" : `${state} group`;
  const isAll = state === "all" && !isFiltered;
  return (
    <Empty title={!isFiltered && (isAll || state === "open") ? "Nothing fails" : "Nothing matches"}>
      <p>
        {isFiltered ? `No ${groups} matches these conditions. ` : `There is no ${groups} of failures. `}
        {isFiltered && <a href={without}>Show every {groups}</a>}
      </p>
      {state !== "all" && (
        <p>
          <a href={inAllStates}>Look in all states</a>
        </p>
      )}
    </Empty>
  );
}

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
  const { data } = useAsked<FailurePage>(
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
