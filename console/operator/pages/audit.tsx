import type { z } from "zod";
import type { AuditEntryAnswer, auditPage } from "../../../src/http/schemas/audit.ts";
import { useAsked } from "../live/asked.ts";
import { Done } from "../parts/audit-of.tsx";
import { Field } from "../parts/field.tsx";
import { Empty, Head, Mono, pageAt, Time, Trouble } from "../parts/marks.tsx";
import { Pager } from "../parts/pager.tsx";
import { search, useQuery } from "../parts/query.ts";

/** Who changed what, newest first. */
export function Audit() {
  const { query, change, linkWith } = useQuery();
  const { actor, action, target, tenant, cursor } = query;
  const filter = { actor, action, target, tenant };
  const { data, error } = useAsked<z.infer<typeof auditPage>>(
    `/audit${search({ ...filter, cursor, limit: "50" })}`,
  );
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const set = (name: keyof typeof filter) => (value: string) => change({ [name]: value, cursor: undefined });
  return (
    <>
      <Head title="Audit" note="Who changed what. Kept for 400 days; nobody can change it." />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Field name="Who" value={actor} set={set("actor")} />
        <Field name="Action" value={action} set={set("action")} placeholder="endpoint.update" />
        <Field name="What it was done to" value={target} set={set("target")} placeholder="an id or a name" />
        <Field name="Tenant" value={tenant} set={set("tenant")} />
      </form>
      <Trouble error={error} />
      {data?.data.length === 0 && (
        <Empty title={isFiltered ? "Nothing matches" : "Nothing was changed yet"}>
          {isFiltered && (
            <p>
              <a href={pageAt("audit")}>Show all of it</a>
            </p>
          )}
        </Empty>
      )}
      {data && data.data.length > 0 && (
        <table class="rows">
          <caption class="unseen">Changes, newest first</caption>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What was done, by whom</th>
              <th scope="col">To what</th>
              <th scope="col">Changes</th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((entry) => (
              <tr key={entry.id} data-row>
                <td>
                  <Time at={entry.at} exact />
                </td>
                <td>
                  <Done entry={entry} />
                  {entry.note && <p class="faint">{entry.note}</p>}
                </td>
                <td>
                  <Target entry={entry} />
                </td>
                <td>
                  <Changes entry={entry} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pager next={data?.next_cursor} previous={data?.prev_cursor} linkWith={linkWith} />
    </>
  );
}

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
              <code>{JSON.stringify(was) ?? "–"}</code> → <code>{JSON.stringify(is) ?? "–"}</code>
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
