import { useLocation, useRoute } from "preact-iso";
import type { z } from "zod";
import type { endpointAttemptPage } from "../../../src/http/schemas/attempt.ts";
import type { endpointPage } from "../../../src/http/schemas/endpoint-list.ts";
import type { TenantAnswer, tenantPage } from "../../../src/http/schemas/tenant.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { session } from "../live/server.ts";
import { curlTo } from "../parts/curl.ts";
import { endpointColumns } from "../parts/endpoints/endpoint-columns.tsx";
import { EraseTenant } from "../parts/endpoints/erase-tenant.tsx";
import { NewEndpoint } from "../parts/endpoints/new-endpoint.tsx";
import { Field } from "../parts/field.tsx";
import { Condition, Filters, Tabs } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { Empty, Head, Mono, pageAt, Snippet, Time } from "../parts/marks.tsx";
import { search, useQuery } from "../parts/query.ts";

const TENANTS: readonly Column<TenantAnswer>[] = [
  {
    name: "Tenant",
    cell: (tenant) => <a href={pageAt("endpoints", tenant.tenant_id)}>{nameOf(tenant)}</a>,
  },
  { name: "Id", cell: ({ tenant_id }) => <Mono>{tenant_id}</Mono> },
  { name: "Mode", cell: ({ mode }) => mode },
  { name: "Created", label: "made", cell: ({ created_at }) => <Time at={created_at} /> },
];

/** The tenants, of which one is chosen, and that one's endpoints. */
export function Tenants() {
  const { query, linkWith } = useQuery();
  const { route } = useLocation();
  const asked = useAsked<z.infer<typeof tenantPage>>(`/tenants${search({ cursor: query.cursor })}`);
  return (
    <>
      <Head title="Endpoints" note="By tenant: the customers whose endpoints get events." />
      <Filters>
        <Field
          name="Go to the tenant"
          value={undefined}
          set={(name) => name !== "" && route(pageAt("endpoints", name))}
          placeholder="its uid or id"
        />
      </Filters>
      <List
        caption="Tenants"
        asked={asked}
        columns={TENANTS}
        keyOf={({ tenant_id }) => tenant_id}
        linkWith={linkWith}
        empty={
          <Empty title="No tenants yet">
            <p>A tenant is created with its first event or endpoint:</p>
            <Snippet text={curlTo("/tenants/acme/endpoints", '{"url": "https://acme.example/hooks"}')} />
          </Empty>
        }
      />
    </>
  );
}

/** How many of a tenant's last deliveries are looked at. */
const LOOKED_AT = "100";

/** One tenant's endpoints. */
export function Endpoints() {
  const { tenant = session.value?.tenant ?? "" } = useRoute().params;
  const { query, linkWith } = useQuery();
  const { cursor, status, event_type, text } = query;
  const isFiltered = status || event_type || text;
  const at = `/tenants/${encodeURIComponent(tenant)}`;
  const { data: of } = useAsked<TenantAnswer>(at);
  const asked = useAsked<z.infer<typeof endpointPage>>(
    `${at}/endpoints${search({ cursor, status, event_type, text, stats: "24h", backlog: "true" })}`,
  );
  const attempts = useAsked<z.infer<typeof endpointAttemptPage>>(
    `${at}/attempts${search({ limit: LOOKED_AT })}`,
    { once: true },
  );
  const columns = endpointColumns(tenant, attempts.data?.data ?? []);
  return (
    <>
      <Head
        title={of ? nameOf(of) : "Endpoints"}
        note={
          <>
            <a href={pageAt("endpoints")}>All tenants</a> · <Mono>{tenant}</Mono>
          </>
        }
      >
        {of && <NewEndpoint tenant={tenant} at={`${at}/endpoints`} />}
        {of && <EraseTenant tenant={of} />}
      </Head>
      {(isFiltered || (asked.data?.data.length ?? 0) > 0) && (
        <Filters>
          <Tabs of="status" among={[undefined, "active", "paused", "disabled"]} />
          <Condition of="event_type" name="Gets event type" />
          <Condition of="text" name="With" placeholder="any text" />
        </Filters>
      )}
      <List
        caption="Endpoints"
        asked={asked}
        columns={columns}
        keyOf={({ endpoint_id }) => endpoint_id}
        linkWith={linkWith}
        empty={
          isFiltered ? (
            <Empty title="Nothing matches">
              <p>
                <a href={pageAt("endpoints", tenant)}>Show all endpoints</a>
              </p>
            </Empty>
          ) : (
            <Empty title="No endpoints">
              <p>Events of this tenant are kept; nobody gets them yet.</p>
            </Empty>
          )
        }
      />
    </>
  );
}

function nameOf({ name, uid, tenant_id }: TenantAnswer): string {
  return name || uid || tenant_id;
}
