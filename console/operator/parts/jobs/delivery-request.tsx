import { useState } from "preact/hooks";
import type { SentRequestAnswer } from "../../../../src/http/schemas/sent-request.ts";
import type { TaskJobAnswer } from "../../../../src/http/schemas/task-job.ts";
import { useAsked } from "../../live/asked.ts";
import { offers, tell } from "../../live/server.ts";
import { deliveryCurl } from "../../rules/request-code.ts";
import { AskFirst } from "../ask-first.tsx";
import { Copy, Facts, Mono, Snippet, Trouble } from "../marks.tsx";

interface DeliveryRequestProps {
  readonly job: TaskJobAnswer;
  /** Its payload as it is sent; undefined while something of the job is hidden. */
  readonly text: string | undefined;
}

/** The request of a delivery. Requests that were sent are not kept, so it is rebuilt, once somebody wants to see it. */
export function DeliveryRequest({ job, text }: DeliveryRequestProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Request, rebuilt from the job</summary>
      {isOpen && <Rebuilt job={job} text={text} />}
    </details>
  );
}

function Rebuilt({ job, text }: DeliveryRequestProps) {
  const at = `/jobs/${job.job_id}/request`;
  const { data: request, error } = useAsked<SentRequestAnswer>(at, { once: true });
  const [signed, setSigned] = useState<string>();
  if (!request) return <Trouble error={error} />;
  const sign = async () => {
    if (text !== undefined) setSigned(deliveryCurl(await tell<SentRequestAnswer>(at), text));
  };
  return (
    <>
      <p class="faint">
        The request as it would be sent now; each attempt had a timestamp and a signature of its own.{" "}
        {request.bytes !== null && `${request.bytes.toLocaleString("en")} bytes.`}
      </p>
      <Facts
        of={[
          [request.method, <Mono>{request.url}</Mono>],
          ...request.headers.map(
            ({ name, value }) =>
              [name, value === null ? <span class="faint">not shown</span> : <Mono>{value}</Mono>] as const,
          ),
        ]}
      />
      <div class="actions below">
        {text !== undefined && <Copy label="Copy as curl" text={deliveryCurl(request, text)} />}
        {offers("POST /jobs/{job_id}/request") && (
          <AskFirst
            label="Sign for curl"
            takes="send"
            hindrance={text === undefined ? "reveal what is hidden first" : undefined}
            title="Sign this request?"
            confirm="Sign"
            isWide
            act={sign}
            closed={() => setSigned(undefined)}
            after={signed === undefined ? null : <Snippet text={signed} label="Copy as curl" />}
          >
            <p>
              You get the request as curl, with a signature that its receiver accepts for five minutes.
              Nothing is sent. The audit records that you had it signed.
            </p>
          </AskFirst>
        )}
      </div>
    </>
  );
}
