import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { ErasingAnswer, TenantAnswer } from "../../../../src/http/schemas/tenant.ts";
import { asError } from "../../../kit/loaded.ts";
import { Problem } from "../../../kit/problem.tsx";
import { tell } from "../../live/server.ts";
import { AskFirst } from "../ask-first.tsx";
import { Mono, pageAt } from "../marks.tsx";

/** No more are counted. */
const MOST_COUNTED = 10_000;

/** Erases permanently all that is kept of a tenant: says first how much that is, and asks for its id. */
export function EraseTenant({ tenant: { tenant_id: id } }: { readonly tenant: TenantAnswer }) {
  const { route } = useLocation();
  const [found, setFound] = useState<ErasingAnswer>();
  const [problem, setProblem] = useState<string>();
  const [typed, setTyped] = useState("");
  const erase = (dry_run: boolean) =>
    tell<ErasingAnswer>(`/tenants/${encodeURIComponent(id)}/erase`, { dry_run });
  const count = () => {
    setFound(undefined);
    setProblem(undefined);
    setTyped("");
    erase(true).then(setFound, (error: unknown) => setProblem(asError(error).message));
  };
  return (
    <AskFirst
      label="Erase…"
      takes="admin"
      danger
      title="Erase this tenant?"
      confirm="Erase permanently"
      isReady={found !== undefined && typed.trim() === id}
      opened={count}
      act={async () => {
        const { job_id } = await erase(false);
        route(job_id === null ? pageAt("endpoints") : pageAt("jobs", job_id));
      }}
    >
      <p>
        Its events, what was sent to its endpoints and what they answered, the endpoints and their secrets,
        its keys and its portal sessions are erased, and cannot be brought back. What remains is that there
        were these deliveries, and the audit.
      </p>
      {found ? <Found found={found} /> : !problem && <p class="faint">Counting…</p>}
      <label>
        <span>
          Type <Mono>{id}</Mono> to confirm
        </span>
        <input
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <Problem text={problem} />
    </AskFirst>
  );
}

function Found({
  found: { events, deliveries, endpoints, keys, sessions },
}: {
  readonly found: ErasingAnswer;
}) {
  const told = [
    counted(events, "event"),
    deliveries === 1
      ? "1 delivery"
      : `${deliveries.toLocaleString("en")}${events > MOST_COUNTED ? " or more" : ""} deliveries`,
    counted(endpoints, "endpoint"),
    counted(keys, "key"),
    counted(sessions, "portal session"),
  ];
  return <p class="card">{told.join(", ")}.</p>;
}

function counted(n: number, what: string): string {
  if (n > MOST_COUNTED) return `more than ${MOST_COUNTED.toLocaleString("en")} ${what}s`;
  return n === 1 ? `1 ${what}` : `${n.toLocaleString("en")} ${what}s`;
}
