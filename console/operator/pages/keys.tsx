import { useState } from "preact/hooks";
import type { z } from "zod";
import type { createdKeyAnswer, KeyAnswer, keyPage } from "../../../src/http/schemas/key.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { serverNow, tell } from "../live/server.ts";
import { zone } from "../live/settings.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { List } from "../parts/list.tsx";
import { Copy, Empty, Head, Mono, pageAt, Status, Time } from "../parts/marks.tsx";
import { search } from "../parts/query.ts";
import { atInput, ofInput } from "../rules/times.ts";

type MadeKey = z.infer<typeof createdKeyAnswer>;

/** The API keys, with what each may do. */
export function KeysPage() {
  const asked = useAsked<z.infer<typeof keyPage>>("/keys");
  const columns: readonly Column<KeyAnswer>[] = [
    {
      name: "Name",
      isLong: true,
      cell: ({ name, key_id }) => (
        <>
          <a href={`${pageAt("audit")}${search({ actor: key_id })}`} title="What this key was used for">
            {name}
          </a>{" "}
          <span class="faint mono short" title={key_id}>
            {key_id.slice(-6)}
          </span>
        </>
      ),
    },
    { name: "Role", cell: ({ role }) => <span class="short">{role}</span> },
    { name: "For", label: "for", cell: reachOf },
    { name: "Payloads", label: "payloads", cell: ({ payloads }) => <span class="short">{payloads}</span> },
    { name: "Created", label: "created", cell: ({ created_at }) => <Time at={created_at} /> },
    { name: "Last used", label: "used", cell: ({ last_used_at }) => <TimeOrNever at={last_used_at} /> },
    { name: "Expires", label: "expires", cell: ({ expires_at }) => <TimeOrNever at={expires_at} /> },
    { name: "", cell: (key) => <Revocation of={key} done={asked.again} /> },
  ];
  return (
    <>
      <Head title="Keys" note="What programs and people use to access the API, the console and the SDKs.">
        <NewKey done={asked.again} />
      </Head>
      <List
        caption="API keys, newest first"
        asked={asked}
        columns={columns}
        keyOf={({ key_id }) => key_id}
        empty={
          <Empty title="No keys yet">
            <p>A server in dev mode needs none. Create one for each program and each person.</p>
          </Empty>
        }
      />
    </>
  );
}

function reachOf({ tenant, mode }: KeyAnswer) {
  return (
    <>
      {tenant && <a href={pageAt("endpoints", tenant)}>{tenant}</a>}
      <span class="short">{tenant ? mode : mode ? `${mode} tenants` : "everything"}</span>
    </>
  );
}

function TimeOrNever({ at }: { readonly at: string | null }) {
  return at ? <Time at={at} /> : <span class="faint">never</span>;
}

function Revocation({ of, done }: { readonly of: KeyAnswer; readonly done: () => void }) {
  const { key_id, name, revoked_at, expires_at } = of;
  if (revoked_at) return <Status of="revoked" />;
  if (expires_at && Date.parse(expires_at) <= serverNow()) return <Status of="expired" />;
  return (
    <AskFirst
      label="Revoke"
      takes="admin"
      danger
      title={`Revoke ${name}?`}
      act={() => tell(`/keys/${key_id}/revoke`)}
      done={done}
    >
      <p>Whatever uses it is refused from now on. This cannot be undone.</p>
    </AskFirst>
  );
}

const ROLES = [
  ["read", "read: look"],
  ["send", "send: enqueue, deliver, redeliver"],
  ["manage", "manage: tenants, endpoints, bulk runs"],
  ["admin", "admin: everything, including keys"],
] as const;

function NewKey({ done }: { readonly done: () => void }) {
  const [made, setMade] = useState<MadeKey>();
  const make = async (given: FormData) => {
    const text = (name: string) => String(given.get(name) ?? "").trim();
    const [tenant, mode, payloads, expires] = [
      text("tenant"),
      text("mode"),
      text("payloads"),
      text("expires"),
    ];
    const asked = {
      name: text("name"),
      role: text("role"),
      ...(tenant && { tenant }),
      ...(mode && { mode }),
      ...(payloads && { payloads }),
      ...(expires && { expires_at: ofInput(expires, zone() === "UTC") }),
    };
    setMade(await tell<MadeKey>("/keys", asked));
  };
  return (
    <AskFirst
      label="New key"
      takes="admin"
      look="solid"
      title="New key"
      confirm="Create it"
      seen="I have copied it"
      isOnce
      after={made ? <Token of={made} /> : null}
      opened={() => setMade(undefined)}
      act={make}
      done={done}
    >
      <KeyFields />
    </AskFirst>
  );
}

function KeyFields() {
  return (
    <>
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
        Only for tenants in one mode
        <select name="mode">
          <option value="">both</option>
          <option value="live">live</option>
          <option value="test">test</option>
        </select>
      </label>
      <label>
        Payloads, results and answers
        <select name="payloads">
          <option value="">as usual for the role</option>
          <option value="none">are not shown</option>
          <option value="redacted">are shown without secrets</option>
          <option value="full">are shown in full</option>
        </select>
      </label>
      <label>
        Expires ({zone()})
        <input name="expires" type="datetime-local" min={atInput(serverNow(), zone() === "UTC")} />
      </label>
    </>
  );
}

function Token({ of: { token } }: { readonly of: MadeKey }) {
  return (
    <>
      <p>Copy it now: it will not be shown again.</p>
      <p class="line">
        <Mono>{token}</Mono> <Copy text={token} />
      </p>
    </>
  );
}
