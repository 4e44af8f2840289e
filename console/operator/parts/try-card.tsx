import { useState } from "preact/hooks";
import type { InboxState } from "../../../src/http/console/inbox.ts";
import type { TaskJobAnswer } from "../../../src/http/schemas/task-job.ts";
import { Problem } from "../../kit/problem.tsx";
import { SNIPPETS } from "../../kit/snippets.ts";
import { useAsked } from "../live/asked.ts";
import { api, base, session, tell } from "../live/server.ts";
import { requestCode } from "../rules/request-code.ts";
import { CodeTabs } from "./code-tabs.tsx";
import { goesTo } from "./jobs/job-rows.tsx";
import { Copy, pageAt, Status, Time } from "./marks.tsx";
import { Payload } from "./payload.tsx";

const INBOX = "/dev/inbox/hello";
const FAULTS = [
  ["none", "takes it"],
  ["fail_twice", "500 twice, then 200"],
  ["fail", "500 always"],
  ["slow_down", "429, Retry-After: 5"],
  ["gone", "410 Gone"],
  ["hang", "never answers"],
  ["drop", "drops the connection"],
] as const;

const isLive = (job: TaskJobAnswer | undefined) => job?.status === "queued" || job?.status === "running";

/** The first webhook, its failure and its retry, with nothing but this page: it goes to the dev server's own inbox. */
export function TryCard() {
  const [sent, setSent] = useState<string>();
  return (
    <section class="try">
      <Sender sent={sent} setSent={setSent} />
      <Receiver isWatched={sent !== undefined} />
    </section>
  );
}

interface SenderProps {
  /** The job that was made last. */
  readonly sent: string | undefined;
  setSent(jobId: string): void;
}

function Sender({ sent, setSent }: SenderProps) {
  const target = `${location.origin}${base}${INBOX}`;
  const [payload, setPayload] = useState('{"hello": "world"}');
  const [url, setUrl] = useState(target);
  const [problem, setProblem] = useState<string>();
  const job = useAsked<TaskJobAnswer>(sent ? `/jobs/${sent}` : null, { eachSecondWhile: isLive });
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      JSON.parse(payload);
      // not written again: what was typed is what is sent
      const body = `{"target_url": ${JSON.stringify(url)}, "payload": ${payload}}`;
      const { job_id } = await api.sendText<{ job_id: string }>("/webhooks/deliver", {
        method: "POST",
        body,
      });
      setSent(job_id);
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form class="card stack" onSubmit={(event) => void send(event)}>
      <h2>Send a webhook</h2>
      <label>
        To
        <input value={url} onInput={(event) => setUrl(event.currentTarget.value)} />
      </label>
      <label>
        Payload
        <textarea rows={4} value={payload} onInput={(event) => setPayload(event.currentTarget.value)} />
      </label>
      <Problem text={problem} />
      <div class="actions">
        <button type="submit" class="solid">
          Send
        </button>
      </div>
      {job.data && <SentJob job={job.data} />}
      <details>
        <summary>The same from a program</summary>
        <CodeTabs
          label="The same from a program"
          of={requestCode({ server: `${location.origin}${base}`, target: url, payload })}
        />
      </details>
    </form>
  );
}

function Receiver({ isWatched }: { readonly isWatched: boolean }) {
  const inbox = useAsked<InboxState>(INBOX, { eachSecondWhile: () => isWatched });
  return (
    <div class="card stack">
      <h2>The inbox at {INBOX}</h2>
      <label>
        What it does with the next request
        <select
          value={inbox.data?.fault ?? "none"}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            void tell(INBOX, { fault: chosen }, "PUT").then(inbox.again);
          }}
        >
          {FAULTS.map(([name, told]) => (
            <option key={name} value={name}>
              {told}
            </option>
          ))}
        </select>
      </label>
      <Received state={inbox.data} />
      {session.value?.pid && (
        <p class="faint">
          Now kill it: <code>kill -9 {session.value.pid}</code> <Copy text={`kill -9 ${session.value.pid}`} />
          Everything accepted continues after the next start.
        </p>
      )}
    </div>
  );
}

function SentJob({ job }: { readonly job: TaskJobAnswer }) {
  return (
    <p class="line" data-row>
      <Status of={job.status} />
      <a href={pageAt("jobs", job.job_id)}>{goesTo(job)}</a>
      {job.status === "queued" && job.attempts > 0 && (
        <span>
          next try <Time at={job.run_at} />
        </span>
      )}
      {job.error && <span class="faint">{job.error}</span>}
    </p>
  );
}

function Received({ state }: { readonly state: InboxState | undefined }) {
  if (!state) return null;
  const [last] = state.messages;
  if (!last) return <p class="faint">Nothing has arrived yet.</p>;
  return (
    <>
      <p class="line">
        <span class="code">{last.answered ?? "no answer"}</span>
        <span>
          {state.messages.length === 1 ? "The first" : `The last of ${state.messages.length}`},{" "}
          <Time at={last.at} />
        </span>
        <span class={last.signature === "verified" ? "good" : "warn"}>
          {last.signature === "verified" ? "signature verified" : last.signature}
        </span>
      </p>
      <Payload name="Body" text={last.body} />
      <details>
        <summary>How a receiver verifies it</summary>
        <CodeTabs label="How a receiver verifies it" of={SNIPPETS} />
      </details>
      <details>
        <summary>Headers</summary>
        <pre>
          {Object.entries(last.headers)
            .map(([name, value]) => `${name}: ${value}`)
            .join("\n")}
        </pre>
      </details>
    </>
  );
}
