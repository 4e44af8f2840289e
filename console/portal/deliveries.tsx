import { useEffect, useState } from "preact/hooks";
import { Act, Copied, Dialog, Note } from "../kit/controls.tsx";
import { asError } from "../kit/loaded.ts";
import { durationText, Time } from "../kit/time.tsx";
import type { Attempt, Page } from "./answers.ts";
import { api, may, own } from "./session.ts";

const FILTERS = [
  ["", "All"],
  ["succeeded", "Succeeded"],
  ["failed", "Failed"],
] as const;

/** What was sent to the endpoint, and what came back; the list stands still until it is asked to go on. */
export function Deliveries({ id }: { readonly id: string }) {
  const [status, setStatus] = useState("");
  const [attempts, setAttempts] = useState<readonly Attempt[]>([]);
  const [next, setNext] = useState<string | null>();
  const [problem, setProblem] = useState("");
  const load = async (cursor?: string) => {
    const query = new URLSearchParams({
      limit: "25",
      ...(status !== "" && { status }),
      ...(cursor !== undefined && { cursor }),
    });
    const page = await api.get<Page<Attempt>>(own(`/endpoints/${id}/attempts?${query}`));
    setAttempts((old) => (cursor === undefined ? page.data : [...old, ...page.data]));
    setNext(page.next_cursor);
  };
  useEffect(() => {
    load().catch((thrown) => setProblem(asError(thrown).message));
  }, [id, status]);
  return (
    <section aria-label="Deliveries">
      <div class="line">
        {FILTERS.map(([value, name]) => (
          <button
            key={value}
            type="button"
            class="chip"
            aria-pressed={value === status}
            onClick={() => setStatus(value)}
          >
            {name}
          </button>
        ))}
        <span class="grow" />
        {may("replay") && <Replay id={id} />}
        <Act label="Refresh" kind="plain" act={() => load()} />
      </div>
      {problem !== "" && <Note title="The deliveries could not be loaded">{problem}</Note>}
      {attempts.length === 0 && next === null && (
        <Note title="Nothing here">
          {status === "" ? "Nothing was sent to this endpoint yet." : `No delivery has ${status}.`}
        </Note>
      )}
      <ul class="rows">
        {attempts.map((attempt) => (
          <li key={attempt.attempt_id}>
            <AttemptRow attempt={attempt} />
          </li>
        ))}
      </ul>
      {next && <Act label="Show more" act={() => load(next)} />}
    </section>
  );
}

const SINCE = [
  ["1h", "the last hour"],
  ["24h", "the last day"],
  ["168h", "the last week"],
] as const;

const WHAT = [
  ["failed", "what failed"],
  ["missing", "what it never got"],
  ["all", "everything"],
] as const;

/** Sends again what went wrong while the endpoint was not well, or was not there. */
function Replay({ id }: { readonly id: string }) {
  const [isAsking, setAsking] = useState(false);
  const [since, setSince] = useState("24h");
  const [what, setWhat] = useState("failed");
  const [isDone, setDone] = useState(false);
  const send = async () => {
    await api.send("POST", own(`/endpoints/${id}/replay`), { since, what });
    setAsking(false);
    setDone(true);
  };
  return (
    <>
      {isDone && <span role="status">It begins in a moment.</span>}
      <button type="button" onClick={() => setAsking(true)}>
        Send again…
      </button>
      {isAsking && (
        <Dialog title="Send again" close={() => setAsking(false)}>
          <div class="fields">
            <label>
              <span>What</span>
              <select value={what} onChange={({ currentTarget }) => setWhat(currentTarget.value)}>
                {WHAT.map(([value, name]) => (
                  <option key={value} value={value}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <label>
              <span>Since</span>
              <select value={since} onChange={({ currentTarget }) => setSince(currentTarget.value)}>
                {SINCE.map(([value, name]) => (
                  <option key={value} value={value}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <p class="muted">
            Every event keeps its webhook-id, so that you can tell what you have handled already.
          </p>
          <div class="actions">
            <Act label="Send" kind="primary" act={send} />
            <button type="button" onClick={() => setAsking(false)}>
              Leave it
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function AttemptRow({ attempt }: { readonly attempt: Attempt }) {
  const { outcome, http_status: status, type, event_id: event, started_at: at, duration_ms: ms } = attempt;
  const isGood = outcome === "succeeded";
  return (
    <details>
      <summary>
        <span class={`state ${isGood ? "good" : "bad"}`}>{status ?? (isGood ? "sent" : "no answer")}</span>
        <code class="grow long">{type ?? "(erased)"}</code>
        <span class="muted">
          <Time at={at} />
        </span>
      </summary>
      <dl>
        <dt>Event</dt>
        <dd>
          <code class="long">{event}</code> <Copied text={event} label="Copy" />
        </dd>
        <dt>Attempt</dt>
        <dd>
          number {attempt.attempt}, {durationText(ms)}
        </dd>
        {attempt.error && (
          <>
            <dt>What went wrong</dt>
            <dd>{attempt.error}</dd>
          </>
        )}
        {attempt.response && (
          <>
            <dt>Your answer</dt>
            <dd>
              <pre>{attempt.response}</pre>
            </dd>
          </>
        )}
      </dl>
      {may("retry") && !isGood && <Resend job={attempt.job_id} />}
    </details>
  );
}

function Resend({ job }: { readonly job: string }) {
  const [isDone, setDone] = useState(false);
  if (isDone) return <p role="status">It is sent again.</p>;
  return (
    <Act
      label="Send it again"
      act={async () => {
        await api.send("POST", `/webhooks/jobs/${job}/redeliver`);
        setDone(true);
      }}
    />
  );
}
