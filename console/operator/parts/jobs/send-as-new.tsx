import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { TaskJobAnswer } from "../../../../src/http/schemas/task-job.ts";
import { api } from "../../live/server.ts";
import { AskFirst } from "../ask-first.tsx";
import { pageAt } from "../marks.tsx";

interface SendAsNewProps {
  readonly job: TaskJobAnswer;
  /** Its payload or input, as it was stored; undefined while something of the job is hidden. */
  readonly text: string | undefined;
}

/** Another job like this one, with a new id, whose payload can be changed first. */
export function SendAsNew({ job, text }: SendAsNewProps) {
  const { route } = useLocation();
  const [given, setGiven] = useState("");
  const isWebhook = job.task === "webhook.deliver";
  const send = async () => {
    JSON.parse(given);
    // not written again: what was typed is what is sent
    const [path, body] = isWebhook
      ? [
          "/webhooks/deliver",
          `{"target_url": ${JSON.stringify(job.target_url)}, "copy_of": "${job.job_id}", "payload": ${given}}`,
        ]
      : [
          `/tasks/${encodeURIComponent(job.task)}`,
          `{"input": ${given}, "options": {"copy_of": "${job.job_id}"}}`,
        ];
    const { job_id } = await api.sendText<{ job_id: string }>(path, { method: "POST", body });
    route(pageAt("jobs", job_id));
  };
  return (
    <AskFirst
      label="Send as new"
      takes="send"
      hindrance={text === undefined ? "reveal what is hidden first" : undefined}
      title="Send as new"
      isWide
      confirm="Send"
      opened={() => setGiven(text ?? "")}
      act={send}
    >
      <p>
        {isWebhook
          ? `A new webhook to ${job.target_url}, with its own id, so its receiver treats it as new.`
          : "A new job of this task, with its own id. Its input is validated as usual."}
      </p>
      <label>
        {isWebhook ? "Payload" : "Input"}
        <textarea rows={10} value={given} onInput={(event) => setGiven(event.currentTarget.value)} />
      </label>
    </AskFirst>
  );
}
