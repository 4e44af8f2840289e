import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { z } from "zod";
import type { EndpointAnswer, endpointPage } from "../../../src/http/schemas/endpoint.ts";
import type { TenantAnswer, tenantPage } from "../../../src/http/schemas/tenant.ts";
import { useAsked } from "../live/asked.ts";
import { base, session } from "../live/server.ts";
import { Empty, Head, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { Pager } from "../parts/pager.tsx";
import { search, useQuery } from "../parts/query.ts";

/** The tenants, of which one is chosen, and that one's endpoints. */
export function Tenants() {
  const { query, linkWith } = useQuery();
  const { data, error } = useAsked<z.infer<typeof tenantPage>>(`/tenants${search({ cursor: query.cursor })}`);
  return (
    <>
      <Head title="Endpoints" note="By tenant: the customers whose endpoints get events." />
      <Trouble error={error} />
      {data?.data.length === 0 && (
        <Empty title="No tenants yet">
          <p>The first event or endpoint of a tenant makes it:</p>
          <pre>
            {`curl ${location.origin}${base}/tenants/acme/endpoints -H 'content-type: application/json' \\
  -d '{"url": "https://acme.example/hooks"}'`}
          </pre>
        </Empty>
      )}
      {data && data.data.length > 0 && (
        <table class="rows">
          <caption class="unseen">Tenants</caption>
          <thead>
            <tr>
              <th scope="col">Tenant</th>
              <th scope="col">Id</th>
              <th scope="col">Mode</th>
              <th scope="col">Made</th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((tenant) => (
              <tr key={tenant.tenant_id} data-row>
                <td>
                  <a href={pageAt("endpoints", tenant.tenant_id)}>{nameOf(tenant)}</a>
                </td>
                <td>
                  <Mono>{tenant.tenant_id}</Mono>
                </td>
                <td>{tenant.mode}</td>
                <td>
                  <Time at={tenant.created_at} />
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

/** One tenant's endpoints. */
export function Endpoints() {
  const { tenant = session.value?.tenant ?? "" } = useRoute().params;
  const { query, linkWith } = useQuery();
  const at = `/tenants/${encodeURIComponent(tenant)}`;
  const { data: of } = useAsked<TenantAnswer>(at);
  const { data, error } = useAsked<z.infer<typeof endpointPage>>(
    `${at}/endpoints${search({ cursor: query.cursor })}`,
  );
  const [text, setText] = useState("");
  const shown = data?.data.filter(({ url, description, uid }) =>
    `${url} ${description} ${uid}`.includes(text),
  );
  return (
    <>
      <Head
        title={of ? nameOf(of) : "Endpoints"}
        note={
          <>
            <a href={pageAt("endpoints")}>All tenants</a> · <Mono>{tenant}</Mono>
          </>
        }
      />
      <Trouble error={error} />
      {data?.data.length === 0 && (
        <Empty title="No endpoints">
          <p>Events of this tenant are kept; nobody gets them yet.</p>
        </Empty>
      )}
      {shown && data && data.data.length > 0 && (
        <>
          <form class="filters" onSubmit={(event) => event.preventDefault()}>
            <label>
              On this page, with
              <input
                value={text}
                placeholder="any text"
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
          </form>
          <table class="rows">
            <caption class="unseen">Endpoints</caption>
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">Endpoint</th>
                <th scope="col">Wants</th>
                <th scope="col">Health</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((endpoint) => (
                <tr key={endpoint.endpoint_id} data-row>
                  <td>
                    <Status of={endpoint.status} />
                  </td>
                  <td>
                    <a href={pageAt("endpoints", tenant, endpoint.endpoint_id)} title={endpoint.url}>
                      {endpoint.url}
                    </a>
                    {endpoint.description && <div class="faint clip">{endpoint.description}</div>}
                  </td>
                  <td>{endpoint.event_types?.join(", ") ?? "every type"}</td>
                  <td>
                    <HealthOf endpoint={endpoint} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <Pager next={data?.next_cursor} previous={data?.prev_cursor} linkWith={linkWith} />
    </>
  );
}

/** How an endpoint does, in words. */
export function HealthOf({ endpoint: { health } }: { readonly endpoint: Pick<EndpointAnswer, "health"> }) {
  if (health.breaker !== "closed")
    return (
      <span class="warn">
        breaker open{" "}
        {health.next_probe_at && (
          <>
            , probe <Time at={health.next_probe_at} />
          </>
        )}
      </span>
    );
  if (health.failures > 0)
    return (
      <span class="warn">
        {health.failures} failed in a row, since <Time at={health.failing_since} />
      </span>
    );
  return <span class="good">well</span>;
}

export function nameOf({ name, uid, tenant_id }: TenantAnswer): string {
  return name || uid || tenant_id;
}
