import { useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { TaskJobAnswer } from "../../../src/http/schemas/task-job.ts";
import { refusal } from "../../kit/api.ts";
import { api, may } from "../live/server.ts";
import { pageAt } from "./marks.tsx";

interface SendAsNewProps {
  readonly job: TaskJobAnswer;
  /** Its payload or input, as it was stored; undefined while something of the job is hidden. */
  readonly text: string | undefined;
}

/** Another job like this one, with a new id, whose payload can be changed before. */
export function SendAsNew({ job, text }: SendAsNewProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { route } = useLocation();
  const [given, setGiven] = useState("");
  const [problem, setProblem] = useState<string>();
  const isWebhook = job.task === "webhook.deliver";
  const isAllowed = may("send");
  const send = async () => {
    try {
      JSON.parse(given);
      // not written again: what was typed is what is sent
      const [path, body] = isWebhook
        ? ["/webhooks/deliver", `{"target_url": ${JSON.stringify(job.target_url)}, "payload": ${given}}`]
        : [`/tasks/${encodeURIComponent(job.task)}`, `{"input": ${given}}`];
      const { job_id } = await api.sendText<{ job_id: string }>(path, { method: "POST", body });
      dialog.current?.close();
      route(pageAt("jobs", job_id));
    } catch (error) {
      setProblem(refusal(error));
    }
  };
  return (
    <>
      <button
        type="button"
        disabled={!isAllowed || text === undefined}
        title={
          isAllowed ? (text === undefined ? "reveal what is hidden first" : undefined) : "takes the role send"
        }
        onClick={() => {
          setGiven(text ?? "");
          setProblem(undefined);
          dialog.current?.showModal();
        }}
      >
        Send as new
      </button>
      <dialog ref={dialog} aria-label="Send as new" class="wide">
        <h2>Send as new</h2>
        <div class="stack">
          <p>
            {isWebhook
              ? `Another webhook to ${job.target_url}, with an id of its own: its receiver takes it for a new one.`
              : "Another job of this task, with an id of its own; its input is checked as any is."}
          </p>
          <label>
            {isWebhook ? "Payload" : "Input"}
            <textarea rows={10} value={given} onInput={(event) => setGiven(event.currentTarget.value)} />
          </label>
        </div>
        {problem && (
          <p class="trouble" role="alert">
            {problem}
          </p>
        )}
        <div class="actions end">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button type="button" class="solid" onClick={() => void send()}>
            Send
          </button>
        </div>
      </dialog>
    </>
  );
}
