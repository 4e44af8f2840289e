import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { BulkAnswer, bulkPage } from "../../../src/http/schemas/bulk.ts";
import { useAsked } from "../live/asked.ts";
import { second } from "../live/beat.ts";
import { may, serverNow, tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { AuditOf } from "../parts/audit-of.tsx";
import { Empty, Facts, Head, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { Pager } from "../parts/pager.tsx";
import { search, useQuery } from "../parts/query.ts";
import { filterText } from "../rules/filter-text.ts";
import { span } from "../rules/times.ts";

const VERBS: Readonly<Record<BulkAnswer["action"], string>> = {
  redeliver: "Redeliver",
  rerun: "Run again",
  run_now: "Run now",
  cancel: "Cancel",
  replay: "Replay",
};

/** One action over all jobs that matched, each; newest first. */
export function BulkRuns() {
  const { query, linkWith } = useQuery();
  const { data, error } = useAsked<z.infer<typeof bulkPage>>(`/bulk${search({ cursor: query.cursor })}`);
  return (
    <>
      <Head title="Bulk runs" note="One action over all jobs that match, paced below live traffic." />
      <Trouble error={error} />
      {data?.data.length === 0 && (
        <Empty title="No bulk runs">
          <p>
            Filter <a href={`${pageAt("jobs")}?status=failed`}>the jobs</a>, then choose what to do with all
            that match.
          </p>
        </Empty>
      )}
      {data && data.data.length > 0 && (
        <table class="rows">
          <caption class="unseen">Bulk runs, newest first</caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">What</th>
              <th scope="col">Which jobs</th>
              <th scope="col" class="number">
                Done
              </th>
              <th scope="col" class="number">
                Skipped
              </th>
              <th scope="col">By</th>
              <th scope="col">Started</th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((run) => (
              <tr key={run.id} data-row>
                <td>
                  <Status of={run.state} />
                </td>
                <td>
                  <a href={pageAt("bulk", run.id)}>{VERBS[run.action]}</a>
                </td>
                <td>
                  <Mono>{filterText(run.filter)}</Mono>
                </td>
                <td class="number" data-label="done">
                  {run.done}
                </td>
                <td class="number" data-label="skipped">
                  {run.matched - run.done}
                </td>
                <td data-label="by">{run.actor ?? "–"}</td>
                <td>
                  <Time at={run.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pager next={data?.next_cursor} previous={data?.prev_cursor} linkWith={linkWith} />
    </>
  );
}

const isUnderWay = (run: BulkAnswer | undefined) =>
  run?.state === "waiting" || run?.state === "running" || run?.state === "taking_back";

/** One run: how far it is, and what can be done about it. */
export function BulkRunPage() {
  const { run: id = "" } = useRoute().params;
  const at = `/bulk/${encodeURIComponent(id)}`;
  const { data: run, error, again } = useAsked<BulkAnswer>(at, { eachSecondWhile: isUnderWay });
  return (
    <>
      <Head title={run ? VERBS[run.action] : "Bulk run"} note={<Mono>{id}</Mono>}>
        {run && <RunActions run={run} at={at} done={again} />}
      </Head>
      <Trouble error={error} />
      {run && (
        <>
          <p class="headline" aria-live="polite">
            <Status of={run.state} /> {told(run)}
          </p>
          <div class="two">
            <section>
              <h2>Result</h2>
              <Facts
                of={[
                  ["Found so far", String(run.matched)],
                  [
                    "Done",
                    <a key="jobs" href={`${pageAt("jobs")}?bulk=${run.id}`}>
                      {run.done}
                    </a>,
                  ],
                  ...Object.entries(run.skipped).map(
                    ([reason, n]) => [`Skipped: ${reason.replaceAll("_", " ")}`, String(n)] as const,
                  ),
                  [
                    "Failed since",
                    <a key="failed" href={`${pageAt("jobs")}?bulk=${run.id}&status=failed`}>
                      {run.failed}
                    </a>,
                  ],
                  ["Rate", rateOf(run)],
                  ["Pace", <Pace key="pace" run={run} at={at} done={again} />],
                ]}
              />
            </section>
            <section>
              <h2>Run</h2>
              <Facts
                of={[
                  ["Which jobs", <code key="filter">{filterText(run.filter)}</code>],
                  ["By", run.actor ?? "–"],
                  ["Note", run.note ?? "–"],
                  ["Begins", <Time key="begins" at={run.starts_at} exact />],
                  ["Last went on", <Time key="went" at={run.updated_at} />],
                  ["Ended, or paused", <Time key="ended" at={run.ended_at} exact />],
                ]}
              />
            </section>
          </div>
          <AuditOf target={run.id} tenant={run.tenant} />
        </>
      )}
    </>
  );
}

function told(run: BulkAnswer): string {
  const left = Date.parse(run.starts_at) - (second.value >= 0 ? serverNow() : 0);
  if (run.state === "waiting")
    return left > 0 ? `Begins in ${span(left)}; until then it can be undone whole.` : "Begins now.";
  if (run.state === "paused") return run.reason ? `Paused by itself: ${run.reason}.` : "Paused.";
  if (run.state === "stopped") return "Stopped: nothing more is queued.";
  if (run.state === "taking_back") return "What it queued and has not begun is being cancelled.";
  if (run.state === "taken_back") return "Taken back: what had not begun was cancelled.";
  return run.state === "done" ? `Done: ${run.done} of ${run.matched}.` : `${run.done} done so far.`;
}

/** Of the time since it began. */
function rateOf({ done, starts_at, updated_at }: BulkAnswer): string {
  const ms = Date.parse(updated_at) - Date.parse(starts_at);
  return done === 0 || ms < 1_000 ? "–" : `${((done / ms) * 1_000).toFixed(1)} a second`;
}

function Pace({
  run,
  at,
  done,
}: {
  readonly run: BulkAnswer;
  readonly at: string;
  readonly done: () => void;
}) {
  const [pace, setPace] = useState("");
  const [problem, setProblem] = useState("");
  const change = (event: SubmitEvent) => {
    event.preventDefault();
    tell(at, { pace: Number(pace) }, "PATCH").then(
      () => {
        setPace("");
        setProblem("");
        done();
      },
      (error: unknown) => setProblem(String(error instanceof Error ? error.message : error)),
    );
  };
  if (!isUnderWay(run) || !may("manage")) return <>{run.pace} a second and endpoint</>;
  return (
    <form class="line" onSubmit={change}>
      {run.pace} a second and endpoint
      <input
        type="number"
        min="1"
        max="10000"
        required
        class="small"
        aria-label="Another pace"
        value={pace}
        onInput={(event) => setPace(event.currentTarget.value)}
      />
      <button type="submit" class="quiet">
        Change
      </button>
      {problem && <span class="trouble">{problem}</span>}
    </form>
  );
}

function RunActions({
  run,
  at,
  done,
}: {
  readonly run: BulkAnswer;
  readonly at: string;
  readonly done: () => void;
}) {
  const act = (verb: string) => () => tell(`${at}/${verb}`);
  const { state } = run;
  return (
    <>
      {state === "paused" && (
        <AskFirst label="Go on" takes="manage" title="Go on all the same?" act={act("resume")} done={done}>
          <p>It paused because the first jobs to an endpoint all failed. They may fail again.</p>
        </AskFirst>
      )}
      {(state === "waiting" || state === "running" || state === "paused") && (
        <AskFirst label="Stop" takes="manage" title="Stop it?" act={act("stop")} done={done}>
          <p>Nothing more is queued. What it has queued goes on.</p>
        </AskFirst>
      )}
      {state !== "taken_back" && state !== "taking_back" && run.action !== "cancel" && (
        <AskFirst
          label={state === "waiting" ? "Undo" : "Take back"}
          takes="manage"
          danger={state !== "waiting"}
          title={state === "waiting" ? "Undo it whole?" : "Take it back?"}
          act={act("take-back")}
          done={done}
        >
          <p>
            {state === "waiting"
              ? "Nothing has happened yet, and nothing will."
              : "What it queued and has not begun is cancelled. What was sent was sent."}
          </p>
        </AskFirst>
      )}
    </>
  );
}
