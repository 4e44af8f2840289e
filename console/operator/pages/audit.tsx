import type { z } from "zod";
import type { AuditEntryAnswer, auditPage } from "../../../src/http/schemas/audit.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { Done } from "../parts/audit-of.tsx";
import { Condition, Filters, MomentCondition } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { Empty, Head, Mono, pageAt, Time } from "../parts/marks.tsx";
import { search, useQuery } from "../parts/query.ts";
import { inWords } from "../rules/times.ts";

/** Who changed what, newest first. */
export function Audit() {
  const { query, linkWith } = useQuery();
  const { actor, action, target, tenant, after, before, cursor } = query;
  const filter = { actor, action, target, tenant, after, before };
  const asked = useAsked<z.infer<typeof auditPage>>(`/audit${search({ ...filter, cursor, limit: "50" })}`);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <>
      <Head
        title="Audit"
        note={`Who changed what. ${asked.data ? `Kept for ${inWords(asked.data.kept_for)}; n` : "N"}obody can change it.`}
      />
      <Filters>
        <Condition of="actor" name="Who" />
        <Condition of="action" name="Action" placeholder="endpoint.update" />
        <Condition of="target" name="What was changed" placeholder="an id or a name" />
        <Condition of="tenant" name="Tenant" />
        <MomentCondition of="after" name="From" />
        <MomentCondition of="before" name="Before" />
      </Filters>
      <List
        caption="Changes, newest first"
        asked={asked}
        columns={COLUMNS}
        keyOf={({ id }) => String(id)}
        linkWith={linkWith}
        empty={
          <Empty title={isFiltered ? "Nothing matches" : "Nothing has been changed yet"}>
            {isFiltered && (
              <p>
                <a href={pageAt("audit")}>Show all of it</a>
              </p>
            )}
          </Empty>
        }
      />
    </>
  );
}

const COLUMNS: readonly Column<AuditEntryAnswer>[] = [
  { name: "When", cell: ({ at }) => <Time at={at} exact /> },
  {
    name: "What was done, and by whom",
    cell: (entry) => (
      <>
        <Done entry={entry} />
        {entry.note && <p class="faint">{entry.note}</p>}
      </>
    ),
  },
  { name: "What was changed", cell: (entry) => <Target entry={entry} /> },
  { name: "Changes", cell: (entry) => <Changes entry={entry} /> },
];

/** With a link where it has a page. */
function Target({ entry: { target, tenant } }: { readonly entry: AuditEntryAnswer }) {
  const at = target.startsWith("job_")
    ? pageAt("jobs", target)
    : target.startsWith("msg_")
      ? pageAt("events", target)
      : target.startsWith("qtask_")
        ? pageAt("bulk", target)
        : target.startsWith("ep_") && tenant !== null
          ? pageAt("endpoints", tenant, target)
          : target.startsWith("app_")
            ? pageAt("endpoints", target)
            : undefined;
  return at ? (
    <a href={at} class="mono">
      {target}
    </a>
  ) : (
    <Mono>{target}</Mono>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "–");
}

function Changes({ entry: { change, ip, request_id } }: { readonly entry: AuditEntryAnswer }) {
  const fields = Object.entries(change);
  return (
    <details>
      <summary>{fields.length === 0 ? "details" : fields.map(([field]) => field).join(", ")}</summary>
      <dl class="facts">
        {fields.map(([field, { was, is }]) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>
              {was !== null && was !== undefined && (
                <>
                  <code>{textOf(was)}</code> →{" "}
                </>
              )}
              <code>{textOf(is)}</code>
            </dd>
          </div>
        ))}
        <div>
          <dt>From</dt>
          <dd>{ip ?? "–"}</dd>
        </div>
        <div>
          <dt>Request</dt>
          <dd>{request_id ?? "–"}</dd>
        </div>
      </dl>
    </details>
  );
}
