import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { BulkAnswer } from "../../../src/http/schemas/bulk.ts";
import { asError } from "../../kit/loaded.ts";
import { useAsked } from "../live/asked.ts";
import { second } from "../live/beat.ts";
import { may, serverNow, tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { AuditOf } from "../parts/audit-of.tsx";
import { BulkDialog } from "../parts/jobs/bulk-dialog.tsx";
import { Facts, Head, Loading, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { filterText } from "../rules/filter-text.ts";
import { requestOf } from "../rules/repeat-run.ts";
import { span } from "../rules/times.ts";

export const VERBS: Readonly<Record<BulkAnswer["action"], string>> = {
  redeliver: "Redeliver",
  rerun: "Rerun",
  run_now: "Run now",
  cancel: "Cancel",
  replay: "Replay",
  erase: "Erase payloads",
};

/** Whether what it does is paced: other actions send nothing. */
const isPaced = ({ action }: BulkAnswer) => action !== "cancel" && action !== "erase";

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
      {!run && !error && <Loading />}
      {run && <Run run={run} at={at} again={again} />}
    </>
  );
}

function Run({ run, at, again }: RunProps & { readonly again: () => void }) {
  const { remaining: left, matched, done, rate } = run;
  const jobs = `${pageAt("jobs")}?bulk=${run.id}`;
  return (
    <>
      <p class={`headline headline-${run.state}`} aria-live="polite">
        <Status of={run.state} /> <span>{told(run)}</span>
        {left && <progress value={matched} max={matched + left.n || 1} aria-label="Progress" />}
      </p>
      <div class="two">
        <section>
          <h2>Result</h2>
          <Facts
            of={[
              ["Found so far", matched.toLocaleString("en")],
              [
                "Done",
                // what is erased belongs to events
                run.action === "erase" ? (
                  done.toLocaleString("en")
                ) : (
                  <a href={jobs}>{done.toLocaleString("en")}</a>
                ),
              ],
              ...Object.entries(run.skipped).map(
                ([reason, n]) => [`Skipped: ${reason.replaceAll("_", " ")}`, n.toLocaleString("en")] as const,
              ),
              isPaced(run) && [
                "Failed since",
                <a href={`${jobs}&status=failed`}>{run.failed.toLocaleString("en")}</a>,
              ],
              left && ["Left", leftTold(left)],
              rate !== null && ["Rate", `${rate} a second`],
              isPaced(run) && ["Pace", <Pace run={run} at={at} done={again} />],
            ]}
          />
        </section>
        <section>
          <h2>Run</h2>
          <Facts
            of={[
              ["Which jobs", <code>{filterText(requestOf(run).filter)}</code>],
              ["By", run.actor ?? "–"],
              ["Note", run.note ?? "–"],
              ["Starts", <Time at={run.starts_at} exact />],
              ["Last progress", <Time at={run.updated_at} />],
              ["Ended, or paused", <Time at={run.ended_at} exact />],
            ]}
          />
        </section>
      </div>
      <AuditOf target={run.id} tenant={run.tenant} />
    </>
  );
}

/** What a run has left, and for how long. */
export function leftTold({ n, at_least, seconds }: NonNullable<BulkAnswer["remaining"]>): string {
  const jobs = `${n.toLocaleString("en")}${at_least ? " or more" : ""}`;
  return seconds === null ? jobs : `${jobs}, ${at_least ? "at least" : "about"} ${span(seconds * 1_000)}`;
}

function told(run: BulkAnswer): string {
  const left = Date.parse(run.starts_at) - (second.value >= 0 ? serverNow() : 0);
  if (run.state === "waiting")
    return left > 0 ? `Starts in ${span(left)}; until then it can be undone entirely.` : "Starts now.";
  if (run.state === "paused") return run.reason ? `Paused by itself: ${run.reason}.` : "Paused.";
  if (run.state === "stopped") return "Stopped: nothing more is queued.";
  if (run.state === "taking_back") return "Its jobs that have not started are being cancelled.";
  if (run.state === "taken_back") return "Taken back: jobs that had not started were cancelled.";
  const done = run.done.toLocaleString("en");
  if (run.state === "done") return `Done: ${done} of ${run.matched.toLocaleString("en")}.`;
  return `${done} done so far${run.remaining ? `; left: ${leftTold(run.remaining)}` : ""}.`;
}

function canContinue({ state }: BulkAnswer): boolean {
  return state === "paused" || state === "stopped";
}

/** Whether it queued jobs that could still be cancelled. */
function canTakeBack({ state, action }: BulkAnswer): boolean {
  const queues = action === "redeliver" || action === "rerun" || action === "replay";
  return queues && state !== "taken_back" && state !== "taking_back";
}

interface RunProps {
  readonly run: BulkAnswer;
  /** Of the run, in the API. */
  readonly at: string;
}

function Pace({ run, at, done }: RunProps & { readonly done: () => void }) {
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
      (error: unknown) => setProblem(asError(error).message),
    );
  };
  const goesOn = isUnderWay(run) || canContinue(run);
  if (!goesOn || !may("manage")) return <>{run.pace} per second and endpoint</>;
  return (
    <form class="line" onSubmit={change}>
      {run.pace} per second and endpoint
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

function RunActions({ run, at, done }: RunProps & { readonly done: () => void }) {
  const act = (verb: string) => () => tell(`${at}/${verb}`);
  const { state } = run;
  const { action, ...repeated } = requestOf(run);
  return (
    <>
      {action !== "erase" && (state === "done" || state === "stopped" || state === "taken_back") && (
        <BulkDialog
          label="Repeat…"
          about={`Jobs: ${filterText(repeated.filter)}, including those that were added since.`}
          actions={[action]}
          pace={run.pace}
          {...repeated}
        />
      )}
      {canContinue(run) && (
        <AskFirst
          label="Continue"
          takes="manage"
          title={state === "paused" ? "Continue anyway?" : "Continue?"}
          act={act("resume")}
          done={done}
        >
          <p>
            {state === "paused"
              ? "It paused because the first jobs to an endpoint all failed. They may fail again."
              : "It continues at once from where it stopped."}
            {run.remaining && ` Left: ${leftTold(run.remaining)}.`}
          </p>
        </AskFirst>
      )}
      {(state === "waiting" || state === "running" || state === "paused") && (
        <AskFirst label="Stop" takes="manage" title="Stop it?" act={act("stop")} done={done}>
          <p>Nothing more is queued. What it has queued still runs.</p>
        </AskFirst>
      )}
      {(state === "waiting" || canTakeBack(run)) && (
        <AskFirst
          label={state === "waiting" ? "Undo" : "Take back"}
          takes="manage"
          danger={state !== "waiting"}
          title={state === "waiting" ? "Undo it entirely?" : "Take it back?"}
          act={act("take-back")}
          done={done}
        >
          <p>
            {state === "waiting"
              ? "Nothing has happened yet, and nothing will."
              : "Its jobs that have not started are cancelled. What was sent stays sent."}
          </p>
        </AskFirst>
      )}
    </>
  );
}
