import { useState } from "preact/hooks";
import { asError } from "../../kit/loaded.ts";
import { href } from "../../kit/router.ts";
import { durationText, Time } from "../../kit/time.tsx";
import type { Attempt } from "../answers.ts";
import { Act, Copied } from "../controls.tsx";
import { api, may, own } from "../session.ts";
import { words } from "../words.ts";
import { AttemptRequest } from "./attempt-request.tsx";

/** One attempt in a line, and all of it once it is opened. @param url of its endpoint, where the list is of several. */
export function AttemptRow({
  attempt,
  url,
}: {
  readonly attempt: Attempt;
  readonly url?: string | undefined;
}) {
  const { outcome, http_status: status, type, event_id: event, started_at: at, duration_ms: ms } = attempt;
  const isGood = outcome === "succeeded";
  const told = words.deliveries;
  return (
    <details>
      <summary>
        <span class={`state ${isGood ? "good" : "bad"}`}>
          {status ?? (isGood ? told.sent : told.noAnswer)}
        </span>
        <span class="grow what">
          <code class="long">{type ?? told.erased}</code>
          {url && <span class="muted clip">{url}</span>}
        </span>
        <span class="muted">
          <Time at={at} />
        </span>
      </summary>
      <dl>
        {url && (
          <>
            <dt>{told.endpoint}</dt>
            <dd>
              <a class="long" href={href(`/endpoints/${attempt.endpoint_id}`)}>
                {url}
              </a>
            </dd>
          </>
        )}
        <dt>{told.event}</dt>
        <dd>
          <code class="long">{event}</code> <Copied text={event} />
        </dd>
        <dt>{told.attempt}</dt>
        <dd>{told.attemptTold(attempt.attempt, durationText(ms))}</dd>
        {attempt.error && (
          <>
            <dt>{told.wrong}</dt>
            <dd>{attempt.error}</dd>
          </>
        )}
        {attempt.response && (
          <>
            <dt>{told.answer}</dt>
            <dd>
              <pre>{attempt.response}</pre>
            </dd>
          </>
        )}
      </dl>
      <AttemptRequest attempt={attempt} />
      {may("retry") && <Resend attempt={attempt} />}
    </details>
  );
}

function Resend({ attempt }: { readonly attempt: Attempt }) {
  const [done, setDone] = useState<string>();
  const told = words.deliveries;
  if (done !== undefined) return <p role="status">{done}</p>;
  return (
    <Act
      label={told.again}
      act={async () => {
        try {
          await api.send("POST", againAt(attempt));
          setDone(told.isAgain);
        } catch (thrown) {
          if (asError(thrown).status !== 409 || attempt.outcome === "succeeded") throw thrown;
          setDone(told.isUnderWay);
        }
      }}
    />
  );
}

/** What arrived is delivered once more; what did not is tried again, which leaves it one delivery. */
function againAt({ outcome, job_id: job, event_id: event, endpoint_id: endpoint }: Attempt): string {
  return outcome === "succeeded"
    ? own(`/endpoints/${endpoint}/events/${event}/redeliver`)
    : `/webhooks/jobs/${job}/redeliver`;
}
