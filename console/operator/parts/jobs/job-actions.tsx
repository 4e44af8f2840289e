import type { TaskJobAnswer } from "../../../../src/http/schemas/task-job.ts";
import { base, tell } from "../../live/server.ts";
import { AskFirst } from "../ask-first.tsx";
import { curlTo } from "../curl.ts";
import { Copy } from "../marks.tsx";

/** What a person may do to a job in its state. */
export function JobActions({ job, done }: { readonly job: TaskJobAnswer; readonly done: () => void }) {
  const isWebhook = job.task === "webhook.deliver";
  const at = `/jobs/${job.job_id}`;
  const again = isWebhook ? "Redeliver" : "Rerun";
  const isLater = job.status === "queued" && job.run_at !== null;
  return (
    <>
      {(job.status === "failed" || job.status === "cancelled") && (
        <AskFirst label={again} takes="send" title={`${again}?`} act={() => tell(`${at}/rerun`)} done={done}>
          <p>
            The job is queued again, due now, with all of its {job.max_attempts} attempts.
            {isWebhook &&
              " The receiver gets the same webhook-id, so it can tell that it got this one before."}
          </p>
        </AskFirst>
      )}
      {isLater && (
        <AskFirst
          label="Run now"
          takes="send"
          title="Run it now?"
          act={() => tell(`${at}/rerun`)}
          done={done}
        >
          <p>It becomes due now. Its attempts so far still count.</p>
        </AskFirst>
      )}
      {(job.status === "queued" || job.status === "running") && (
        <AskFirst
          label="Cancel"
          takes="send"
          danger
          title="Cancel this job?"
          act={() => tell(`${at}/cancel`)}
          done={done}
        >
          <p>
            It ends here. What a running attempt has already done stays done, and a request on the wire may
            still reach its receiver.
          </p>
        </AskFirst>
      )}
      <Copy label="Copy link" text={location.origin + location.pathname} />
      <Copy label="Copy look-up as curl" text={curlTo(at)} />
      <a href={base + at} target="_blank" rel="noreferrer">
        JSON
      </a>
    </>
  );
}
