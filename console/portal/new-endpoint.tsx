import { useState } from "preact/hooks";
import { Act } from "../kit/controls.tsx";
import { go, href } from "../kit/router.ts";
import type { Endpoint } from "./answers.ts";
import { EventTypePicker } from "./event-type-picker.tsx";
import { api, own } from "./session.ts";

export function NewEndpoint() {
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [types, setTypes] = useState<readonly string[] | null>(null);
  const create = async () => {
    const made = await api.send<Endpoint>("POST", own("/endpoints"), {
      url: url.trim(),
      ...(description !== "" && { description }),
      ...(types && { event_types: types }),
    });
    go(`/endpoints/${made.endpoint_id}`);
  };
  return (
    <>
      <p>
        <a href={href("/")}>← Endpoints</a>
      </p>
      <h1>Add an endpoint</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>Address</span>
          <input
            type="url"
            required
            placeholder="https://example.com/webhooks"
            value={url}
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
        </label>
        <label>
          <span>Description</span>
          <input
            maxLength={1_000}
            value={description}
            onInput={({ currentTarget }) => setDescription(currentTarget.value)}
          />
        </label>
        <EventTypePicker chosen={types} choose={setTypes} />
        <div class="actions">
          <Act
            label="Add it"
            kind="primary"
            disabled={url.trim() === "" || types?.length === 0}
            act={create}
          />
        </div>
      </form>
    </>
  );
}
