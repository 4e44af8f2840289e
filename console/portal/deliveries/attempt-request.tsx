import { useState } from "preact/hooks";
import type { SentRequestAnswer } from "../../../src/http/schemas/sent-request.ts";
import { jsonPieces, memberOf } from "../../kit/json-tokens.ts";
import { useLoaded } from "../../kit/loaded.ts";
import type { Attempt } from "../answers.ts";
import { Copied, Note } from "../controls.tsx";
import { api, own } from "../session.ts";
import { words } from "../words.ts";

/** More is shown when asked for. */
const SHOWN_AT_ONCE = 65_536;

/** The request of a delivery, once somebody wants to see it. Requests that were sent are not kept, so it is rebuilt. */
export function AttemptRequest({ attempt }: { readonly attempt: Attempt }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.request.title}</summary>
      {isOpen && <Rebuilt attempt={attempt} />}
    </details>
  );
}

function Rebuilt({ attempt: { job_id: job, event_id: event } }: { readonly attempt: Attempt }) {
  const { value, error } = useLoaded(job, async () => {
    const [request, text] = await Promise.all([
      api.get<SentRequestAnswer>(`/jobs/${job}/request`),
      api.text(own(`/events/${event}`)),
    ]);
    return { request, body: memberOf(text, "payload") ?? "" };
  });
  const told = words.request;
  if (error) return <Note title={words.request.notShown}>{error.message}</Note>;
  if (!value) return <p class="muted">{words.common.loading}</p>;
  const { request, body } = value;
  return (
    <>
      <p class="muted">{told.told}</p>
      <dl>
        <dt>{request.method}</dt>
        <dd>
          <code class="long">{request.url}</code>
        </dd>
        {request.headers.map(({ name, value: sent }) => (
          <HeaderOf key={name} name={name} value={sent} />
        ))}
      </dl>
      <Body text={body} />
    </>
  );
}

function HeaderOf({ name, value }: { readonly name: string; readonly value: string | null }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value === null ? <span class="muted">{words.request.hidden}</span> : <code>{value}</code>}</dd>
    </>
  );
}

/** As it was sent, laid out in lines; what is copied is what was sent. */
function Body({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && text.length > SHOWN_AT_ONCE;
  const pieces = isCut ? undefined : jsonPieces(text);
  const plain = isCut ? text.slice(0, SHOWN_AT_ONCE) : text;
  const shown = pieces?.map((piece) => piece.text).join("") ?? plain;
  return (
    <>
      <p class="line">
        <span class="grow">{words.request.body}</span>
        <Copied text={text} />
      </p>
      <pre>{shown}</pre>
      {isCut && (
        <button type="button" onClick={() => setWhole(true)}>
          {words.request.whole}
        </button>
      )}
    </>
  );
}
