import { useState } from "preact/hooks";
import { go } from "../../kit/router.ts";
import type { Endpoint } from "../answers.ts";
import { Act, Dialog, Form } from "../controls.tsx";
import { api, may, mayOperate, own } from "../session.ts";
import { words } from "../words.ts";
import { useEndpointFields } from "./endpoint-fields.tsx";
import { OwnHeaders } from "./own-headers.tsx";

const FIELDS = ["url", "description", "event_types"] as const;

export function Settings({ endpoint, changed }: { readonly endpoint: Endpoint; changed(): void }) {
  const isOwn = mayOperate(endpoint);
  const { fields, controls, isComplete } = useEndpointFields(endpoint, isOwn);
  const [isSaved, setSaved] = useState(false);
  const path = own(`/endpoints/${endpoint.endpoint_id}`);
  const save = async () => {
    setSaved(false);
    // only what was changed here: somebody else may have changed the rest, and a session may not choose everything
    const changes = FIELDS.filter((name) => JSON.stringify(fields[name]) !== JSON.stringify(endpoint[name]));
    if (changes.length > 0)
      await api.send("PATCH", path, Object.fromEntries(changes.map((name) => [name, fields[name]])));
    setSaved(true);
    changed();
  };
  return (
    <section aria-label={words.endpoint.tabs.settings}>
      <Form
        label={words.fields.save}
        disabled={!isComplete}
        act={save}
        after={isSaved && <span role="status">{words.fields.saved}</span>}
      >
        {controls}
      </Form>
      {isOwn && may("headers") && <OwnHeaders endpoint={endpoint} path={path} changed={changed} />}
      {isOwn && <Standing endpoint={endpoint} path={path} changed={changed} />}
    </section>
  );
}

interface StandingProps {
  readonly endpoint: Endpoint;
  readonly path: string;
  changed(): void;
}

/** Whether it gets events, and what stops or deletes it. */
function Standing({ endpoint, path, changed }: StandingProps) {
  const [asked, ask] = useState<"disable" | "delete">();
  const told = words.status;
  const move = async (verb: "pause" | "disable") => {
    await api.send("POST", `${path}/${verb}`, {});
    ask(undefined);
    changed();
  };
  const remove = async () => {
    await api.send("DELETE", path);
    go("/");
  };
  return (
    <>
      <h2>{told.title}</h2>
      <p>{endpoint.status === "active" ? told.active : told.stopped}</p>
      <div class="actions">
        {endpoint.status === "active" && (
          <>
            <Act label={told.pause} act={() => move("pause")} />
            <button type="button" onClick={() => ask("disable")}>
              {told.disable}
            </button>
          </>
        )}
        <button type="button" class="danger" onClick={() => ask("delete")}>
          {told.delete}
        </button>
      </div>
      {asked === "disable" && (
        <Dialog title={told.disableAsked} close={() => ask(undefined)}>
          <p>{told.disableTold}</p>
          <div class="actions">
            <Act label={told.disableNow} kind="danger" act={() => move("disable")} />
            <button type="button" onClick={() => ask(undefined)}>
              {words.common.leave}
            </button>
          </div>
        </Dialog>
      )}
      {asked === "delete" && (
        <Dialog title={told.deleteAsked} close={() => ask(undefined)}>
          <p class="long">{told.deleteTold(endpoint.url)}</p>
          <div class="actions">
            <Act label={told.deleteNow} kind="danger" act={remove} />
            <button type="button" onClick={() => ask(undefined)}>
              {words.common.keep}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
