import { useState } from "preact/hooks";
import { Act, Dialog } from "../kit/controls.tsx";
import { go } from "../kit/router.ts";
import type { Endpoint } from "./answers.ts";
import { EventTypePicker } from "./event-type-picker.tsx";
import { api, own } from "./session.ts";

export function Settings({ endpoint, changed }: { readonly endpoint: Endpoint; changed(): void }) {
  const [url, setUrl] = useState(endpoint.url);
  const [description, setDescription] = useState(endpoint.description);
  const [types, setTypes] = useState(endpoint.event_types);
  const [isDeleting, setDeleting] = useState(false);
  const path = own(`/endpoints/${endpoint.endpoint_id}`);
  const then = (asked: Promise<unknown>) => asked.then(changed);
  return (
    <section aria-label="Settings">
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>Address</span>
          <input
            type="url"
            required
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
            label="Save"
            kind="primary"
            disabled={types?.length === 0}
            act={() => then(api.send("PATCH", path, { url: url.trim(), description, event_types: types }))}
          />
        </div>
      </form>
      <h2>Status</h2>
      <p>
        {endpoint.status === "active"
          ? "A paused endpoint gets what it missed once it is resumed; a disabled one gets nothing that happens meanwhile."
          : "Nothing is sent to it now."}
      </p>
      <div class="actions">
        {endpoint.status === "active" && (
          <Act label="Pause" act={() => then(api.send("POST", `${path}/pause`, {}))} />
        )}
        {endpoint.status === "active" && (
          <Act label="Disable" act={() => then(api.send("POST", `${path}/disable`, {}))} />
        )}
        {endpoint.status === "paused" && (
          <Act label="Resume" kind="primary" act={() => then(api.send("POST", `${path}/resume`, {}))} />
        )}
        {endpoint.status === "disabled" && (
          <Act label="Enable" kind="primary" act={() => then(api.send("POST", `${path}/enable`, {}))} />
        )}
        <button type="button" class="danger" onClick={() => setDeleting(true)}>
          Delete
        </button>
      </div>
      {isDeleting && (
        <Dialog title="Delete this endpoint?" close={() => setDeleting(false)}>
          <p class="long">{endpoint.url} gets nothing any more, and what waits for it is not sent.</p>
          <div class="actions">
            <Act
              label="Delete it"
              kind="danger"
              act={async () => {
                await api.send("DELETE", path);
                go("/");
              }}
            />
            <button type="button" onClick={() => setDeleting(false)}>
              Keep it
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
