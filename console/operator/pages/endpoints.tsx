import { useLocation, useRoute } from "preact-iso";
import type { z } from "zod";
import type { endpointAttemptPage } from "../../../src/http/schemas/attempt.ts";
import type { EndpointAnswer } from "../../../src/http/schemas/endpoint.ts";
import type { endpointPage, ListedEndpoint } from "../../../src/http/schemas/endpoint-list.ts";
import type { TenantAnswer, tenantPage } from "../../../src/http/schemas/tenant.ts";
import { byEndpoint } from "../../kit/by-endpoint.ts";
import { Outcomes } from "../../kit/outcomes.tsx";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { session } from "../live/server.ts";
import { curlTo } from "../parts/curl.ts";
import { Backlog } from "../parts/endpoint-backlog.tsx";
import { EraseTenant } from "../parts/erase-tenant.tsx";
import { Field } from "../parts/field.tsx";
import { Condition, Filters, Tabs } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { Empty, Head, Mono, pageAt, Status, Time } from "../parts/marks.tsx";
import { NewEndpoint } from "../parts/new-endpoint.tsx";
import { search, useQuery } from "../parts/query.ts";
import { limitWords } from "../rules/limit-words.ts";
import { span } from "../rules/times.ts";

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
            <pre>{curlTo("/tenants/acme/endpoints", '{"url": "https://acme.example/hooks"}')}</pre>
          </Empty>
        }
      />
    </>
  );
}

/** How many of a tenant's last deliveries are looked at, and how many are shown for each endpoint. */
const LOOKED_AT = "100";
const SHOWN = 20;

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
  const lately = byEndpoint(attempts.data?.data ?? [], SHOWN);
  const columns: readonly Column<ListedEndpoint>[] = [
    { name: "Status", cell: ({ status }) => <Status of={status} /> },
    {
      name: "Endpoint",
      isLong: true,
      cell: ({ endpoint_id, url, description, event_types, limits, ...rest }) => (
        <>
          <a href={pageAt("endpoints", tenant, endpoint_id)} title={url}>
            {url}
          </a>
          {description && <div class="faint clip">{description}</div>}
          <div class="faint clip">wants {event_types?.join(", ") ?? "every type"}</div>
          {limits && <div class="faint clip">at most {limitWords(limits)}</div>}
          {rest.status !== "active" && <Stopped of={rest} />}
        </>
      ),
    },
    { name: "24 hours", label: "in 24 hours", cell: ({ stats }) => <LastDay of={stats ?? null} /> },
    { name: "Waiting", label: "waiting", cell: (endpoint) => <Backlog of={endpoint} /> },
    {
      name: "Lately",
      cell: ({ endpoint_id, health }) => {
        const attempts = lately.get(endpoint_id) ?? [];
        // the health of an endpoint is saved only when it fails
        const last =
          attempts.find(({ outcome }) => outcome === "succeeded")?.started_at ?? health.last_success_at;
        return (
          <>
            <Lately attempts={attempts} />
            {last && (
              <div class="faint short">
                last success <Time at={last} />
              </div>
            )}
          </>
        );
      },
    },
    {
      name: "Health",
      cell: (endpoint) => (
        <div class="health">
          <HealthOf endpoint={endpoint} />
        </div>
      ),
    },
  ];
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
          <Condition of="event_type" name="Gets events of type" />
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

type StatusField = "status" | "status_changed_at" | "status_actor" | "status_reason";

/** Since when, by whom and why it is stopped. */
function Stopped({ of }: { readonly of: Pick<ListedEndpoint, StatusField> }) {
  const { status, status_changed_at, status_actor, status_reason } = of;
  return (
    <div class="faint clip" title={status_reason ?? undefined}>
      {status} <Time at={status_changed_at} />
      {status_actor && ` by ${status_actor}`}
      {status_reason && `: ${status_reason}`}
    </div>
  );
}

/** How deliveries went in the last 24 hours: how many, and how many of those that have ended succeeded. */
function LastDay({ of }: { readonly of: NonNullable<ListedEndpoint["stats"]> | null }) {
  if (!of || of.succeeded + of.failed + of.retried === 0) return <span class="faint">–</span>;
  const { succeeded, failed, retried, attempt_ms } = of;
  const ended = succeeded + failed;
  return (
    <>
      {ended > 0 && (
        <span class="short">
          {shareOf(succeeded, ended)} <span class="faint">of {ended.toLocaleString("en")}</span>
        </span>
      )}
      {ended > 0 && failed + retried > 0 && ", "}
      {failed > 0 && <span class="short error">{failed.toLocaleString("en")} failed</span>}
      {failed > 0 && retried > 0 && ", "}
      {retried > 0 && <span class="short faint">{retried.toLocaleString("en")} retried</span>}
      {attempt_ms && <div class="faint short">95 % within {span(attempt_ms.p95)}</div>}
    </>
  );
}

/** Rounded down, so that 100 % is said of nothing less. */
function shareOf(part: number, whole: number): string {
  return `${Math.floor((part / whole) * 1_000) / 10} %`;
}

interface Delivered {
  readonly outcome: string;
  readonly duration_ms: number;
}

/** How the last deliveries to an endpoint went, newest first. */
function Lately({ attempts }: { readonly attempts: readonly Delivered[] }) {
  if (attempts.length === 0) return <span class="faint">–</span>;
  const succeeded = attempts.filter(({ outcome }) => outcome === "succeeded").length;
  return <Outcomes newestFirst={attempts} label={`${succeeded} of the last ${attempts.length} succeeded`} />;
}

/** How an endpoint does, in words. */
export function HealthOf({
  endpoint: { health, status },
}: {
  readonly endpoint: Pick<EndpointAnswer, "health" | "status">;
}) {
  if (health.breaker !== "closed")
    return (
      <span class="warn">
        breaker open
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
  if (status !== "active") return <span class="faint">gets nothing now</span>;
  return <span class="good">well</span>;
}

export function nameOf({ name, uid, tenant_id }: TenantAnswer): string {
  return name || uid || tenant_id;
}
