import type { z } from "zod";
import type { failurePage } from "../../../src/http/schemas/failure.ts";
import type { workerPage } from "../../../src/http/schemas/fleet.ts";
import { useAsked } from "../live/asked.ts";
import { offers } from "../live/server.ts";
import { EndpointField } from "../parts/endpoints/endpoint-field.tsx";
import { Group } from "../parts/failure-group.tsx";
import { Field } from "../parts/field.tsx";
import { Condition, Filters, MomentCondition, Tabs } from "../parts/filters.tsx";
import { Empty, Head, Loading, Time, Trouble } from "../parts/marks.tsx";
import { Pager } from "../parts/pager.tsx";
import { search, useQuery } from "../parts/query.ts";
import { lastDeploy } from "../rules/last-deploy.ts";

const STATES = ["open", "acknowledged", "resolved"];
/** Conditions that are not needed each time. */
const MORE = ["tenant", "lane", "since", "first_since"];
const FILTERS = ["task", "endpoint", "class", "text", ...MORE];

/** What fails, similar failures together: those that failed last come first. */
export function Failures() {
  const { query, linkWith } = useQuery();
  const { task, tenant, endpoint, since, first_since, text, cursor } = query;
  const state = query.state ?? "open";
  const lane = tenant && endpoint ? `${tenant}/${endpoint}` : query.lane;
  const filter = { task, tenant, lane, since, first_since, text, class: query.class };
  const { data, error, again } = useAsked<z.infer<typeof failurePage>>(
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
      <FailureFilters state={state} />
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

function FailureFilters({ state }: { readonly state: string }) {
  const { query, change } = useQuery();
  return (
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
            value={query.tenant}
            set={(value) => change({ tenant: value, endpoint: undefined, cursor: undefined })}
          />
          <Condition of="lane" name="Lane" />
          <MomentCondition of="since" name="Failed since" />
          <MomentCondition of="first_since" name="New since" />
        </div>
      </details>
    </Filters>
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
