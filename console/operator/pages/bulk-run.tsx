import { useEffect, useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { BulkAnswer, bulkPreview } from "../../../src/http/schemas/bulk.ts";
import { asError } from "../../kit/loaded.ts";
import { useAsked } from "../live/asked.ts";
import { second } from "../live/beat.ts";
import { may, serverNow, tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { AuditOf } from "../parts/audit-of.tsx";
import { BulkDialog } from "../parts/bulk-dialog.tsx";
import { Facts, Head, Loading, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { filterText } from "../rules/filter-text.ts";
import { requestOf } from "../rules/repeat-run.ts";
import { span } from "../rules/times.ts";

type Preview = z.infer<typeof bulkPreview>;

export const VERBS: Readonly<Record<BulkAnswer["action"], string>> = {
  redeliver: "Redeliver",
  rerun: "Run again",
  run_now: "Run now",
  cancel: "Cancel",
  replay: "Replay",
  erase: "Erase payloads",
};

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
  const left = useLeft(run);
  const jobs = `${pageAt("jobs")}?bulk=${run.id}`;
  return (
    <>
      <p class={`headline headline-${run.state}`} aria-live="polite">
        <Status of={run.state} /> <span>{told(run)}</span>
        {left && <progress value={run.matched} max={run.matched + left.n} aria-label="Progress" />}
      </p>
      <div class="two">
        <section>
          <h2>Result</h2>
          <Facts
            of={[
              ["Found so far", String(run.matched)],
              ["Done", <a href={jobs}>{run.done}</a>],
              ...Object.entries(run.skipped).map(
                ([reason, n]) => [`Skipped: ${reason.replaceAll("_", " ")}`, String(n)] as const,
              ),
              ["Failed since", <a href={`${jobs}&status=failed`}>{run.failed}</a>],
              ["Rate", rateOf(run)],
              ...(left ? [["Left", leftTold(left)] as const] : []),
              ["Pace", <Pace run={run} at={at} done={again} />],
            ]}
          />
        </section>
        <section>
          <h2>Run</h2>
          <Facts
            of={[
              ["Which jobs", <code>{filterText(requestOf(run, "now").filter)}</code>],
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

interface Left {
  readonly n: number;
  readonly isMore: boolean;
  readonly ms: number;
}

const LOOK_MS = 15_000;

/** What a run has left, and for how long: asked for now and then, because that walks its jobs. */
function useLeft(run: BulkAnswer): Left | undefined {
  const [left, setLeft] = useState<Left>();
  const isLooking = run.state === "running" && may("manage");
  const { done } = run;
  useEffect(() => {
    setLeft(undefined);
    if (!isLooking) return;
    const asked = { ...requestOf(run, "then"), pace: run.pace, dry_run: true };
    const look = () =>
      void tell<Preview>("/bulk", asked).then(
        ({ changed, matched, lanes }) => {
          const ms = Math.max(0, ...lanes.map(({ seconds }) => seconds)) * 1_000;
          // in a replay of everything, what has been sent again still counts as what it is about
          const n = asked.what === "all" ? Math.max(0, changed - done) : changed;
          setLeft({ n, isMore: matched.at_least, ms: changed === 0 ? 0 : (ms * n) / changed });
        },
        () => setLeft(undefined),
      );
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [isLooking, run.id, run.pace]);
  return left;
}

function leftTold({ n, isMore, ms }: Left): string {
  return isMore ? `${n} or more, at least ${span(ms)}` : `${n}, about ${span(ms)}`;
}

function told(run: BulkAnswer): string {
  const left = Date.parse(run.starts_at) - (second.value >= 0 ? serverNow() : 0);
  if (run.state === "waiting")
    return left > 0 ? `Starts in ${span(left)}; until then it can be undone entirely.` : "Starts now.";
  if (run.state === "paused") return run.reason ? `Paused by itself: ${run.reason}.` : "Paused.";
  if (run.state === "stopped") return "Stopped: nothing more is queued.";
  if (run.state === "taking_back") return "Its jobs that have not started are being cancelled.";
  if (run.state === "taken_back") return "Taken back: jobs that had not started were cancelled.";
  return run.state === "done" ? `Done: ${run.done} of ${run.matched}.` : `${run.done} done so far.`;
}

/** Whether it queued jobs that could still be cancelled. */
function canTakeBack({ state, action }: BulkAnswer): boolean {
  const queues = action === "redeliver" || action === "rerun" || action === "replay";
  return queues && state !== "taken_back" && state !== "taking_back";
}

/** Of the time since it began. */
function rateOf({ done, starts_at, updated_at }: BulkAnswer): string {
  const ms = Date.parse(updated_at) - Date.parse(starts_at);
  return done === 0 || ms < 1_000 ? "–" : `${((done / ms) * 1_000).toFixed(1)} a second`;
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
  if (!isUnderWay(run) || !may("manage")) return <>{run.pace} per second and endpoint</>;
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
  const { action, ...repeated } = requestOf(run, "now");
  return (
    <>
      {action !== "erase" && (state === "done" || state === "stopped" || state === "taken_back") && (
        <BulkDialog
          label="Repeat…"
          about={`Jobs with ${filterText(repeated.filter)}, including those that were added since.`}
          actions={[action]}
          pace={run.pace}
          {...repeated}
        />
      )}
      {state === "paused" && (
        <AskFirst label="Continue" takes="manage" title="Continue anyway?" act={act("resume")} done={done}>
          <p>It paused because the first jobs to an endpoint all failed. They may fail again.</p>
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
