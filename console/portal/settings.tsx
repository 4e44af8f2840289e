import { useState } from "preact/hooks";
import { Act, Dialog } from "../kit/controls.tsx";
import { go } from "../kit/router.ts";
import type { Endpoint } from "./answers.ts";
import { useEndpointFields } from "./endpoint-fields.tsx";
import { api, own } from "./session.ts";

export function Settings({ endpoint, changed }: { readonly endpoint: Endpoint; changed(): void }) {
  const { fields, controls, isComplete } = useEndpointFields(endpoint);
  const [isDeleting, setDeleting] = useState(false);
  const path = own(`/endpoints/${endpoint.endpoint_id}`);
  const then = (asked: Promise<unknown>) => asked.then(changed);
  return (
    <section aria-label="Settings">
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        {controls}
        <div class="actions">
          <Act
            label="Save"
            kind="primary"
            disabled={!isComplete}
            act={() => then(api.send("PATCH", path, fields))}
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
