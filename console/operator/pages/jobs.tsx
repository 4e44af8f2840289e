import { useState } from "preact/hooks";
import type { TaskJobPage } from "../../../src/http/schemas/task-job.ts";
import { useAsked } from "../live/asked.ts";
import { base, offers } from "../live/server.ts";
import { jobColumns } from "../live/settings.ts";
import { useSteady } from "../live/steady.ts";
import { BulkDialog } from "../parts/jobs/bulk-dialog.tsx";
import { ColumnChooser } from "../parts/jobs/column-chooser.tsx";
import { FoundJobs } from "../parts/jobs/found-jobs.tsx";
import { JobFilters } from "../parts/jobs/job-filters.tsx";
import { JobRows } from "../parts/jobs/job-rows.tsx";
import { NoJobs } from "../parts/jobs/no-jobs.tsx";
import { SavedViews } from "../parts/jobs/saved-views.tsx";
import { Head, Loading, pageAt, Time, Trouble } from "../parts/marks.tsx";
import { News } from "../parts/news.tsx";
import { search, useQuery } from "../parts/query.ts";
import { filterText } from "../rules/filter-text.ts";
import { columnsIn } from "../rules/job-columns.ts";
import { conditions } from "../rules/job-conditions.ts";

const NEWEST = 50;

/** Jobs of every task, newest first; the address holds the filter. */
export function Jobs() {
  const { query, linkWith } = useQuery();
  const { cursor, text } = query;
  const filter = Object.fromEntries(conditions.map((name) => [name, query[name]]));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const path = `/jobs${search({ ...filter, limit: String(NEWEST), cursor })}`;
  const { data, error } = useAsked<TaskJobPage>(text === undefined ? path : null);
  const { shown, waiting, show } = useSteady(data, path, ({ job_id }) => job_id);
  const columns = columnsIn(jobColumns.value);
  const choice = {
    chosen,
    choose: (ids: readonly string[], isChosen: boolean) =>
      setChosen(
        isChosen ? new Set([...chosen, ...ids]) : new Set([...chosen].filter((id) => !ids.includes(id))),
      ),
  };
  return (
    <>
      <JobsHead filter={filter} text={text} path={path} />
      <JobFilters />
      <ColumnChooser />
      <SavedViews at={pageAt("jobs")} />
      <Trouble error={error} />
      {text !== undefined && (
        <FoundJobs path={`/jobs${search({ ...filter, text })}`} columns={columns} {...choice} />
      )}
      {text === undefined && !data && !error && <Loading />}
      {!cursor && <News waiting={waiting} most={NEWEST} show={show} />}
      {shown?.data.length === 0 && shown.complete && !cursor && (
        <NoJobs
          filter={filter}
          without={(names) => linkWith(Object.fromEntries(names.map((name) => [name, undefined])))}
        />
      )}
      {chosen.size > 0 && <Chosen ids={[...chosen]} clear={() => setChosen(new Set())} />}
      {shown && shown.data.length > 0 && (
        <JobRows jobs={shown.data} caption="Jobs, newest first" columns={columns} {...choice} />
      )}
      {shown && <Pages of={shown} />}
    </>
  );
}

interface JobsHeadProps {
  readonly filter: Readonly<Record<string, string | undefined>>;
  readonly text: string | undefined;
  /** What is shown, as the API answers it. */
  readonly path: string;
}

/** What can be done with all that match. */
function JobsHead({ filter, text, path }: JobsHeadProps) {
  const actions = ACTIONS_ON[filter.status ?? ""];
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Head title="Jobs">
      {isFiltered && text === undefined && (
        <BulkDialog
          label="All that match…"
          about={`Jobs: ${filterText(filter)}; not those that come later.`}
          filter={bulkFilter(filter)}
          {...(actions && { actions })}
        />
      )}
      {offers("GET /jobs/export") && (
        <a
          href={`${base}/jobs/export${search({ ...filter, text })}`}
          download="jobs.ndjson"
          title="The newest 100 000 that match, one line of JSON each"
        >
          Export
        </a>
      )}
      <a href={base + path} target="_blank" rel="noreferrer" title="What is shown, as the API answers it">
        JSON
      </a>
    </Head>
  );
}

/** What can be done with those that were selected. */
function Chosen({ ids, clear }: { readonly ids: readonly string[]; clear(): void }) {
  return (
    <p class="line chosen-bar">
      <strong>{ids.length} selected</strong>
      <BulkDialog
        label="Do something with them…"
        about={`${ids.length} jobs that you selected.`}
        filter={{ ids }}
      />
      <button type="button" class="quiet" onClick={clear}>
        Select none
      </button>
    </p>
  );
}

function Pages({ of }: { readonly of: TaskJobPage }) {
  const { query, linkWith } = useQuery();
  return (
    <nav class="pager" aria-label="Pages of the list">
      {query.cursor ? <a href={linkWith({ cursor: undefined })}>Newest</a> : <span />}
      {!of.complete && (
        <span class="faint">
          Searched back to <Time at={of.searched_to} exact />.
        </span>
      )}
      {of.next_cursor && (
        <a href={linkWith({ cursor: of.next_cursor })}>{of.complete ? "Older" : "Continue"}</a>
      )}
    </nav>
  );
}

/** What can be done with jobs in a state. */
const ACTIONS_ON: Readonly<Record<string, readonly ("redeliver" | "rerun" | "run_now" | "cancel")[]>> = {
  queued: ["run_now", "cancel"],
  running: ["cancel"],
  succeeded: ["redeliver"],
  failed: ["redeliver", "rerun"],
  cancelled: ["redeliver", "rerun"],
};

/** As `POST /bulk` takes what an address holds as text. */
function bulkFilter(filter: Readonly<Record<string, string | undefined>>): Readonly<Record<string, unknown>> {
  const { status, attempts_from, ids, ...others } = filter;
  return {
    ...others,
    ...(status && { status: status.split(",") }),
    ...(attempts_from && { attempts_from: Number(attempts_from) }),
    ...(ids && { ids: ids.split(",") }),
  };
}
