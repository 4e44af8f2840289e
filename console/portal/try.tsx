import { useState } from "preact/hooks";
import { Act } from "../kit/controls.tsx";
import { useLoaded } from "../kit/loaded.ts";
import { durationText } from "../kit/time.tsx";
import type { Endpoint, EventType, Page, Trial } from "./answers.ts";
import { api, own } from "./session.ts";

/** Sends an example now, and shows what came back. */
export function Try({ endpoint }: { readonly endpoint: Endpoint }) {
  const { value } = useLoaded("types", () => api.get<Page<EventType>>("/event-types?limit=250"));
  const [type, setType] = useState("");
  const [result, setResult] = useState<Trial>();
  const send = async () => {
    const { schemas } = value?.data.find(({ name }) => name === type) ?? {};
    const example = Object.values(schemas ?? {}).at(-1)?.examples?.[0];
    setResult(
      await api.send<Trial>("POST", own(`/endpoints/${endpoint.endpoint_id}/test`), {
        ...(type !== "" && { type }),
        ...(example !== undefined && { payload: example }),
      }),
    );
  };
  return (
    <section aria-label="Try it">
      <p>Sends an example to your endpoint now, signed as every delivery is. It counts nowhere.</p>
      <div class="fields">
        <label>
          <span>Event type</span>
          <select value={type} onChange={({ currentTarget }) => setType(currentTarget.value)}>
            <option value="">Any</option>
            {value?.data.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <div class="actions">
          <Act label="Send an example" kind="primary" act={send} />
        </div>
      </div>
      {result && (
        <div class="result" role="status">
          <p class="line">
            <span class={`state ${result.succeeded ? "good" : "bad"}`}>
              {result.http_status ?? "no answer"}
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
