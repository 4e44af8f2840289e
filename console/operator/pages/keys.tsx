import { useRef, useState } from "preact/hooks";
import type { z } from "zod";
import type { createdKeyAnswer, KeyAnswer, keyPage } from "../../../src/http/schemas/key.ts";
import { useAsked } from "../live/asked.ts";
import { may, tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { Copy, Empty, Head, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";

type MadeKey = z.infer<typeof createdKeyAnswer>;

/** The API keys, with what each may do. */
export function KeysPage() {
  const { data, error, again } = useAsked<z.infer<typeof keyPage>>("/keys");
  return (
    <>
      <Head title="Keys" note="What programs and people show to use the API, the console and the SDKs.">
        <NewKey done={again} />
      </Head>
      <Trouble error={error} />
      {data?.data.length === 0 && (
        <Empty title="No keys yet">
          <p>A server in dev mode asks for none. Make one for each program and each person.</p>
        </Empty>
      )}
      {data && data.data.length > 0 && (
        <table class="rows">
          <caption class="unseen">API keys, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">For</th>
              <th scope="col">Payloads</th>
              <th scope="col">Last used</th>
              <th scope="col">Expires</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((key) => (
              <KeyRow key={key.key_id} of={key} again={again} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function KeyRow({ of, again }: { readonly of: KeyAnswer; readonly again: () => void }) {
  const { key_id, name, role, tenant, mode, payloads, last_used_at, expires_at, revoked_at } = of;
  return (
    <tr data-row>
      <td>
        {name} <span class="faint mono short">{key_id.slice(-6)}</span>
      </td>
      <td>{role}</td>
      <td data-label="for">
        {tenant ? <a href={pageAt("endpoints", tenant)}>{tenant}</a> : "everything"}
        {mode && `, ${mode}`}
      </td>
      <td data-label="payloads">{payloads}</td>
      <td data-label="used">
        {last_used_at ? <Time at={last_used_at} /> : <span class="faint">never</span>}
      </td>
      <td data-label="expires">{expires_at ? <Time at={expires_at} /> : <span class="faint">never</span>}</td>
      <td>
        {revoked_at ? (
          <Status of="revoked" />
        ) : (
          <AskFirst
            label="Revoke"
            takes="admin"
            danger
            title={`Revoke ${name}?`}
            act={() => tell(`/keys/${key_id}/revoke`)}
            done={again}
          >
            <p>Whatever uses it is refused from now on. It cannot be made valid again.</p>
          </AskFirst>
        )}
      </td>
    </tr>
  );
}

const ROLES = [
  ["read", "read: look"],
  ["send", "send: enqueue, deliver, redeliver"],
  ["manage", "manage: tenants, endpoints, bulk runs"],
  ["admin", "admin: everything, keys too"],
] as const;

function NewKey({ done }: { readonly done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const [made, setMade] = useState<MadeKey>();
  const [problem, setProblem] = useState<string>();
  const allowed = may("admin");
  const open = () => {
    setMade(undefined);
    setProblem(undefined);
    form.current?.reset();
    dialog.current?.showModal();
  };
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement); // the form below
    const text = (name: string) => String(given.get(name) ?? "").trim();
    const [tenant, payloads, expires] = [text("tenant"), text("payloads"), text("expires")];
    try {
      const asked = {
        name: text("name"),
        role: text("role"),
        ...(tenant && { tenant }),
        ...(payloads && { payloads }),
        ...(expires && { expires_at: new Date(expires).toISOString() }),
      };
      setMade(await tell<MadeKey>("/keys", asked));
      setProblem(undefined);
      done();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button
        type="button"
        class="solid"
        disabled={!allowed}
        title={allowed ? undefined : "takes the role admin"}
        onClick={open}
      >
        New key
      </button>
      <dialog ref={dialog} aria-label="New key">
        <h2>New key</h2>
        {made ? (
          <div class="stack">
            <p>Copy it now: it is not shown again.</p>
            <p class="line">
              <Mono>{made.token}</Mono> <Copy text={made.token} />
            </p>
            <div class="actions end">
              <button type="button" class="solid" onClick={() => dialog.current?.close()}>
                I have it
              </button>
            </div>
          </div>
        ) : (
          <form ref={form} class="stack" onSubmit={(event) => void make(event)}>
            <label>
              Name
              <input name="name" required maxLength={100} placeholder="who or what uses it" />
            </label>
            <label>
              Role
              <select name="role">
                {ROLES.map(([role, told]) => (
                  <option key={role} value={role}>
                    {told}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Only for one tenant
              <input name="tenant" placeholder="everything, unless you name one" />
            </label>
            <label>
              Payloads, results and answers
              <select name="payloads">
                <option value="">as the role has it</option>
                <option value="none">are not shown</option>
                <option value="redacted">are shown without secrets</option>
                <option value="full">are shown whole</option>
              </select>
            </label>
            <label>
              Expires
              <input name="expires" type="datetime-local" />
            </label>
            {problem && (
              <p class="trouble" role="alert">
                {problem} Nothing was changed.
              </p>
            )}
            <div class="actions end">
              <button type="button" onClick={() => dialog.current?.close()}>
                Leave it
              </button>
              <button type="submit" class="solid">
                Make it
              </button>
            </div>
          </form>
        )}
      </dialog>
    </>
  );
}
