import type { z } from "zod";
import type { AuditEntryAnswer, auditPage } from "../../../src/http/schemas/audit.ts";
import { useAsked } from "../live/asked.ts";
import { may } from "../live/server.ts";
import { pageAt, Time } from "./marks.tsx";
import { search } from "./query.ts";

/** What was done to one thing, and by whom; for those who may see the audit. */
export function AuditOf({
  target,
  tenant,
}: {
  readonly target: string;
  readonly tenant?: string | null | undefined;
}) {
  const asked = may(tenant ? "manage" : "admin")
    ? `/audit${search({ target, tenant: tenant ?? undefined, limit: "10" })}`
    : null;
  const { data } = useAsked<z.infer<typeof auditPage>>(asked);
  if (!data || (data.data.length === 0 && data.complete)) return null;
  return (
    <section>
      <h2>Who did what</h2>
      <ul class="timeline">
        {data.data.map((entry) => (
          <li key={entry.id}>
            <Done entry={entry} /> <Time at={entry.at} exact />
            {entry.note && <p class="faint">{entry.note}</p>}
          </li>
        ))}
      </ul>
      {data.searched_to && (
        <span class="faint">
          Searched as far as <Time at={data.searched_to} exact />.{" "}
        </span>
      )}
      {data.next_cursor && <a href={`${pageAt("audit")}${search({ target })}`}>All of it</a>}
    </section>
  );
}

/** `endpoint.pause by ana, in the console`. */
export function Done({ entry }: { readonly entry: AuditEntryAnswer }) {
  return (
    <>
      <code>{entry.action}</code> by {entry.actor}
      <span class="faint">, {WAYS[entry.via]}</span>
    </>
  );
}

export const WAYS: Readonly<Record<AuditEntryAnswer["via"], string>> = {
  api: "over the API",
  cli: "on the command line",
  console: "in the console",
  portal: "in the portal",
  library: "in a program",
  posthorn: "by itself",
};
