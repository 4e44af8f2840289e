import { useEffect, useState } from "preact/hooks";
import type { TaskJobPage } from "../../../../src/http/schemas/task-job.ts";
import { asError } from "../../../kit/loaded.ts";
import { api } from "../../live/server.ts";
import type { JobColumn } from "../../rules/job-columns.ts";
import { Empty, Time, Trouble } from "../marks.tsx";
import { BulkDialog } from "./bulk-dialog.tsx";
import { JobRows } from "./job-rows.tsx";

/** How many are shown before it asks whether to continue. */
const ENOUGH = 50;

interface Search {
  readonly jobs: TaskJobPage["data"];
  /** Where to continue; null at the end. */
  readonly cursor: string | null;
  readonly searchedTo: string | null;
  /** How many jobs were examined. */
  readonly searched: number;
  /** How many may be found before it stops by itself. */
  readonly upTo: number;
  readonly isStopped: boolean;
}

/** As many ids as a bulk run takes. */
const MOST_IN_A_RUN = 1_000;

const BEGUN: Search = { jobs: [], cursor: "", searchedTo: null, searched: 0, upTo: ENOUGH, isStopped: false };

interface FoundJobsProps {
  readonly path: string;
  readonly columns: readonly JobColumn[];
  readonly chosen: ReadonlySet<string>;
  choose(ids: readonly string[], isChosen: boolean): void;
}

/** Jobs by what is in them: the server looks at some thousands at a time, newest first, until there are enough or somebody stops it. */
export function FoundJobs({ path, columns, chosen, choose }: FoundJobsProps) {
  const search = useSearch(path);
  const { jobs, cursor, error, isSearching } = search;
  return (
    <>
      <Trouble error={error} />
      <Progress of={search} />
      {jobs.length > 0 && !isSearching && <AllFound ids={jobs.map(({ job_id }) => job_id)} />}
      {jobs.length > 0 && (
        <JobRows
          jobs={jobs}
          caption="Jobs that were found, newest first"
          columns={columns}
          chosen={chosen}
          choose={choose}
        />
      )}
      {jobs.length === 0 && cursor === null && (
        <Empty title="Nothing found">
          <p>
            No stored job has this in its payload, result or error, as far as you may see them. Payloads of
            more than 64 KiB are not searched.
          </p>
        </Empty>
      )}
    </>
  );
}

/** Searches on until there is enough, or somebody stops it. */
function useSearch(path: string) {
  const [{ of, ...search }, setSearch] = useState({ of: path, ...BEGUN });
  const [error, setError] = useState<Error>();
  const { jobs, cursor, searchedTo, searched, upTo, isStopped } = of === path ? search : BEGUN;
  const set = (change: Partial<Search>) =>
    setSearch((last) => ({ ...(last.of === path ? last : BEGUN), ...change, of: path }));
  const isSearching = cursor !== null && !isStopped && jobs.length < upTo && !error;
  useEffect(() => {
    if (!isSearching) return;
    const controller = new AbortController();
    const after = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    api.get<TaskJobPage>(`${path}&limit=${ENOUGH}${after}`, controller.signal).then(
      (page) => {
        if (controller.signal.aborted) return;
        const last = page.data.at(-1)?.created_at ?? searchedTo;
        set({
          jobs: [...jobs, ...page.data],
          cursor: page.next_cursor,
          searchedTo: page.searched_to ?? last,
          searched: searched + (page.searched ?? 0),
        });
      },
      (thrown: unknown) => !controller.signal.aborted && setError(asError(thrown)),
    );
    return () => controller.abort();
  }, [path, cursor, isSearching]);
  useEffect(() => setError(undefined), [path]);
  return {
    ...{ jobs, cursor, searchedTo, searched, error, isSearching },
    stop: () => set({ isStopped: true }),
    goOn: () => {
      setError(undefined);
      set({ isStopped: false, upTo: Math.max(upTo, jobs.length + ENOUGH) });
    },
  };
}

/** How far a search has come, and what stops it or continues it. */
function Progress({ of: search }: { readonly of: ReturnType<typeof useSearch> }) {
  const { cursor, searched, searchedTo, isSearching } = search;
  const counted = searched === 1 ? "1 job" : `${searched.toLocaleString("en")} jobs`;
  return (
    <p class="line searched" role="status">
      <span class="faint">
        {cursor === null ? (
          `Searched ${counted}: all that meet the other conditions.`
        ) : searchedTo === null ? (
          "Searching…"
        ) : (
          <>
            Searched {counted}, back to <Time at={searchedTo} exact />
            {isSearching ? "…" : "."}
          </>
        )}
      </span>
      {isSearching && (
        <button type="button" onClick={search.stop}>
          Stop
        </button>
      )}
      {cursor !== null && !isSearching && (
        <button type="button" onClick={search.goOn}>
          Continue
        </button>
      )}
    </p>
  );
}

/** A bulk run searches no payloads, so it gets the jobs that were found. */
function AllFound({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length > MOST_IN_A_RUN)
    return (
      <p class="faint searched">
        A bulk run does not search for text, and takes at most {MOST_IN_A_RUN.toLocaleString("en")} of the
        jobs that a search finds. Add a condition, such as a task or a time, to find fewer, or select some.
      </p>
    );
  const counted = ids.length === 1 ? "The job that was found" : `The ${ids.length} jobs that were found`;
  return (
    <p class="line searched">
      <BulkDialog
        label={`${counted}…`}
        about={`${counted} so far; not those that come later.`}
        filter={{ ids }}
      />
    </p>
  );
}
