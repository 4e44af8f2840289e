import { useState } from "preact/hooks";
import { durationText } from "../../kit/time.tsx";
import type { Endpoint, Trial } from "../answers.ts";
import { Form } from "../controls.tsx";
import { useEventTypes } from "../event-types/event-types.ts";
import { exampleOf } from "../event-types/type-details.tsx";
import { api, own } from "../session.ts";
import { words } from "../words.ts";

/** Sends an example now, and shows what came back. */
export function Try({ endpoint }: { readonly endpoint: Endpoint }) {
  const { value } = useEventTypes();
  const [type, setType] = useState("");
  const [result, setResult] = useState<Trial>();
  const send = async () => {
    const example = exampleOf(value?.data.find(({ name }) => name === type));
    setResult(
      await api.send<Trial>("POST", own(`/endpoints/${endpoint.endpoint_id}/test`), {
        ...(type !== "" && { type }),
        ...(example !== undefined && { payload: example }),
      }),
    );
  };
  return (
    <section aria-label={words.endpoint.tabs.try}>
      <p>{words.trial.told}</p>
      <Form label={words.trial.send} act={send}>
        <label>
          <span>{words.trial.type}</span>
          <select value={type} onChange={({ currentTarget }) => setType(currentTarget.value)}>
            <option value="">{words.trial.any}</option>
            {value?.data.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </Form>
      {result && (
        <div class="result" role="status">
          <p class="line">
            <span class={`state ${result.succeeded ? "good" : "bad"}`}>
              {result.http_status ?? words.deliveries.noAnswer}
            </span>
            <code>{result.type}</code>
            <span class="muted">{durationText(result.duration_ms)}</span>
          </p>
          {result.error && <p>{result.error}</p>}
          {result.excerpt && <pre>{result.excerpt}</pre>}
        </div>
      )}
    </section>
  );
}
