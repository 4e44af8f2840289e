import { wrong } from "../../core/options.ts";
import type { Action } from "../../engine/audit/audit.ts";
import type { AuditRecord, AuditTrail } from "../../engine/audit/audit-trail.ts";
import type { ListOptions, SearchedPage } from "../../engine/lists.ts";
import type { Store } from "../../store/store.ts";

/** Something that was done to a tenant's endpoints, or with what is sent to them. */
export interface TenantActivity {
  /** `adt_…`, its id in the audit. */
  readonly id: string;
  readonly at: Date;
  /** The id of an API key or portal session, or the name that a program uses for the person; null if Posthorn did it by itself. */
  readonly actor: string | null;
  /** How it was done. */
  readonly via: AuditRecord["via"];
  /** The reason that was given. */
  readonly reason: string | null;
  /** `endpoint.update` */
  readonly action: string;
  /** The id of what it was done to: an endpoint, an event, a job, or a bulk run. */
  readonly target: string;
  /** The endpoint that it was about; null if it was not about one. */
  readonly endpoint: {
    readonly id: string;
    /** Its URL now, or when it was deleted; null if it is no longer known. */
    readonly url: string | null;
    /** Whether it has been deleted since. */
    readonly isDeleted: boolean;
  } | null;
  /** By field: the value before and after, without secrets. */
  readonly change: AuditRecord["change"];
}

export interface TenantActivityOptions extends Pick<ListOptions, "limit" | "after" | "before"> {
  /** Only what was done to endpoints: no deliveries that were repeated. Default: everything. */
  readonly of?: "endpoints" | undefined;
}

const OF_ENDPOINTS = [
  ...["endpoint.create", "endpoint.update", "endpoint.delete", "endpoint.test", "endpoint.verify"],
  ...["endpoint.pause", "endpoint.resume", "endpoint.enable", "endpoint.disable"],
  ...["endpoint.secret.show", "endpoint.secret.rotate"],
] as const satisfies readonly Action[];
const OF_DELIVERIES = [
  ...["event.redeliver", "job.rerun", "job.cancel"],
  ...["bulk.start", "bulk.pace", "bulk.stop", "bulk.resume", "bulk.take_back"],
] as const satisfies readonly Action[];

type Stores = Pick<Store, "endpoints">;

/** Newest first. @throws InvalidInputError naming what is wrong. */
export async function activityOf(
  trail: Pick<AuditTrail, "list">,
  { endpoints }: Stores,
  tenant: string,
  { of, ...page }: TenantActivityOptions,
): Promise<SearchedPage<TenantActivity>> {
  if (of !== undefined && of !== "endpoints") throw wrong(["of"], "must be endpoints, or left out");
  const action = of === undefined ? [...OF_ENDPOINTS, ...OF_DELIVERIES] : OF_ENDPOINTS;
  const listed = await trail.list({ ...page, tenant, action });
  const ids = new Set(listed.data.flatMap((record) => endpointIn(record) ?? []));
  const known = await endpoints.known([...ids].map((id) => ({ tenant, id })));
  const byId = new Map(known.map((row) => [row.id, row]));
  const data = listed.data.map((record): TenantActivity => {
    const { id, at, actor, actorId, via, note: reason, action, target, change } = record;
    const endpoint = endpointIn(record);
    const row = byId.get(endpoint ?? "");
    return {
      ...{ id, at, via, reason, action, target, change },
      actor: via === "posthorn" ? null : (actorId ?? actor),
      endpoint: endpoint === null ? null : { id: endpoint, url: row?.url ?? null, isDeleted: isGone(row) },
    };
  });
  return { ...listed, data };
}

function isGone(row: { readonly deletedAt: number | null } | undefined): boolean {
  return row === undefined || row.deletedAt !== null;
}

/** The id of the endpoint that an entry is about; null if it names none. */
function endpointIn({ action, target, change }: AuditRecord): string | null {
  if (action.startsWith("endpoint.")) return target;
  const { endpoint, filter } = change;
  const named = endpoint?.[1] ?? (filter?.[1] as { readonly endpoint?: unknown } | undefined)?.endpoint; // as a bulk run writes it
  return typeof named === "string" ? named : null;
}
