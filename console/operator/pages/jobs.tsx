import { useState } from "preact/hooks";
import type { TaskJobPage } from "../../../src/http/schemas/task-job.ts";
import { useAsked } from "../live/asked.ts";
import { base, offers } from "../live/server.ts";
import { jobColumns } from "../live/settings.ts";
import { useSteady } from "../live/steady.ts";
import { BulkDialog } from "../parts/bulk-dialog.tsx";
import { ColumnChooser } from "../parts/column-chooser.tsx";
import { Field, MomentField } from "../parts/field.tsx";
import { FoundJobs } from "../parts/found-jobs.tsx";
import { JobRows } from "../parts/job-rows.tsx";
import { Head, Loading, pageAt, Time, Trouble } from "../parts/marks.tsx";
import { News } from "../parts/news.tsx";
import { NoJobs } from "../parts/no-jobs.tsx";
import { search, useQuery } from "../parts/query.ts";
import { SavedViews } from "../parts/saved-views.tsx";
import { filterText } from "../rules/filter-text.ts";
import { columnsIn } from "../rules/job-columns.ts";
import { CONDITIONS, type Condition, conditions } from "../rules/job-conditions.ts";

const STATES = ["queued", "running", "succeeded", "failed", "cancelled"];
const NEWEST = 50;
const MORE = conditions.slice(3); // behind "More conditions"

/** Jobs of every task, newest first; the address holds the filter. */
export function Jobs() {
  const { query, change, linkWith } = useQuery();
  const { status, cursor, text } = query;
  const filter = Object.fromEntries(conditions.map((name) => [name, query[name]]));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const path = `/jobs${search({ ...filter, limit: String(NEWEST), cursor })}`;
  const { data, error } = useAsked<TaskJobPage>(text === undefined ? path : null);
  const { shown, waiting, show } = useSteady(data, path, ({ job_id }) => job_id);
  const isShown = (state: string | undefined) =>
    state === undefined ? status === undefined : status?.split(",").includes(state);
  const columns = columnsIn(jobColumns.value);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const choice = {
    chosen,
    choose: (ids: readonly string[], isChosen: boolean) =>
      setChosen(
        isChosen ? new Set([...chosen, ...ids]) : new Set([...chosen].filter((id) => !ids.includes(id))),
      ),
  };
  const field = (name: Condition, placeholder?: string) => (
    <Field
      name={CONDITIONS[name]}
      value={query[name]}
      set={(value) => change({ [name]: value, cursor: undefined })}
      {...(placeholder && { placeholder })}
    />
  );
  const moment = (name: Condition) => (
    <MomentField
      name={CONDITIONS[name]}
      value={query[name]}
      set={(value) => change({ [name]: value, cursor: undefined })}
    />
  );
  return (
    <>
      <Head title="Jobs">
        {isFiltered && text === undefined && (
          <BulkDialog
            label="All that match…"
            about={`Jobs: ${filterText(filter)}; not those that come later.`}
            filter={bulkFilter(filter)}
            {...(status && ACTIONS_ON[status] && { actions: ACTIONS_ON[status] })}
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
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <div class="tabs">
          {[undefined, ...STATES].map((state) => (
            <a
              key={state ?? "all"}
              href={linkWith({ status: state, cursor: undefined })}
              aria-current={isShown(state) ? "true" : undefined}
            >
              {state ?? "all"}
            </a>
          ))}
        </div>
        {field("task")}
        {field("lane")}
        <Field
          name="Text in it"
          value={text}
          set={(value) => change({ text: value, cursor: undefined })}
          placeholder="or $.id = 42"
        />
        <details class="more" open={MORE.some((name) => query[name] !== undefined)}>
          <summary>More conditions</summary>
          <div class="filters">
            {field("status", "failed,cancelled")}
            {field("tenant")}
            {field("endpoint")}
            {field("tag")}
            {field("key")}
            {field("group")}
            {field("class", "5xx, timeout, error…")}
            {field("attempts_from")}
            {field("waiting", "ready, scheduled, held")}
            {field("duration_from", "30s, 5m…")}
            {field("fingerprint")}
            {field("event")}
            {field("bulk")}
            {field("trigger", "manual")}
            <Field
              name={CONDITIONS.ids}
              value={query.ids}
              set={(value) => change({ ids: idsIn(value), cursor: undefined })}
              placeholder="job_…, job_…"
            />
            {moment("created_from")}
            {moment("created_before")}
            {moment("finished_from")}
            {moment("finished_before")}
            {moment("due_from")}
            {moment("due_before")}
          </div>
        </details>
      </form>
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
      {chosen.size > 0 && (
        <p class="line chosen-bar">
          <strong>{chosen.size} selected</strong>
          <BulkDialog
            label="Do something with them…"
            about={`${chosen.size} jobs that you selected.`}
            filter={{ ids: [...chosen] }}
          />
          <button type="button" class="quiet" onClick={() => setChosen(new Set())}>
            Select none
          </button>
        </p>
      )}
      {shown && shown.data.length > 0 && (
        <JobRows jobs={shown.data} caption="Jobs, newest first" columns={columns} {...choice} />
      )}
      {shown && (
        <nav class="pager" aria-label="Pages of the list">
          {cursor ? <a href={linkWith({ cursor: undefined })}>Newest</a> : <span />}
          {!shown.complete && (
            <span class="faint">
              Searched back to <Time at={shown.searched_to} exact />.
            </span>
          )}
          {shown.next_cursor && (
            <a href={linkWith({ cursor: shown.next_cursor })}>{shown.complete ? "Older" : "Continue"}</a>
          )}
        </nav>
      )}
    </>
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

/** The ids in what was pasted, however they stand in it: a field makes one line of several. */
function idsIn(text: string): string {
  return text.match(/job_[0-9a-z]{26}/g)?.join() ?? text;
}
