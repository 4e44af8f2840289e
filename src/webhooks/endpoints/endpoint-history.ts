import { dateOf } from "../../core/instant.ts";
import { parseAsWritten } from "../../core/json/parse-as-written.ts";
import { refuseUnknown } from "../../core/options.ts";
import { type Listed, type ListOptions, listed, pageOf } from "../../engine/lists.ts";
import type { HistoryPlace, EndpointChange as StoredChange } from "../../store/shelves/endpoint-history.ts";
import type { EndpointKey } from "../../store/shelves/endpoints.ts";
import type { Store } from "../../store/store.ts";

/** A change of an endpoint. */
export interface EndpointChange {
  /** The endpoint's revision, which goes up with each change. */
  readonly revision: number;
  readonly at: Date;
  /** Who made it, and why; null if nobody said. */
  readonly actor: string | null;
  readonly reason: string | null;
  /** By field: the value before and after, without secrets. */
  readonly change: Readonly<Record<string, readonly [was: unknown, is: unknown]>>;
}

/** A change of one of a tenant's endpoints. */
export interface TenantEndpointChange extends EndpointChange {
  readonly endpointId: string;
  /** The endpoint's URL now, or when it was deleted; null if it is no longer known. */
  readonly url: string | null;
  /** Whether the endpoint has been deleted since. */
  readonly isDeleted: boolean;
}

type Stores = Pick<Store, "endpoints">;

const MOST_CHANGES = 100;
/** When, of which endpoint, and which revision it made. */
const CURSOR = /^(\d{1,16})\.(\d{1,16})\.(ep_[0-9a-z]{1,40})$/;

export async function historyOf(
  { endpoints }: Stores,
  { tenant, id }: EndpointKey,
  before: number | undefined,
): Promise<readonly EndpointChange[]> {
  const rows = await endpoints.history(tenant, id, { limit: MOST_CHANGES, before });
  return rows.map(shownChange);
}

/** @throws InvalidInputError naming what is wrong. */
export function tenantHistoryPage(options: Pick<ListOptions, "limit" | "after">) {
  refuseUnknown(options, ["limit", "after"]);
  return pageOf(options, (text) => CURSOR.test(text), "descending");
}

export async function tenantHistoryOf(
  { endpoints }: Stores,
  tenant: string,
  { limit, after }: ReturnType<typeof tenantHistoryPage>,
): Promise<Listed<TenantEndpointChange>> {
  const found = await endpoints.tenantHistory(tenant, { limit: limit + 1, after: placeOf(after) });
  const rows = found.slice(0, limit);
  const ids = new Set(rows.map(({ endpoint }) => endpoint));
  const known = await endpoints.known([...ids].map((id) => ({ tenant, id })));
  const byId = new Map(known.map((row) => [row.id, row]));
  const page = { rows, hasMore: found.length > limit, searchedTo: null };
  const { data, nextCursor } = listed(page, { after }, cursorOf, (row) => {
    const endpoint = byId.get(row.endpoint);
    return {
      ...shownChange(row),
      endpointId: row.endpoint,
      url: endpoint?.url ?? null,
      isDeleted: endpoint === undefined || endpoint.deletedAt !== null,
    };
  });
  return { data, nextCursor, prevCursor: null };
}

function shownChange({ revision, at, actor, reason, change }: StoredChange): EndpointChange {
  return {
    ...{ revision, at: dateOf(at), actor, reason },
    change: parseAsWritten(change) as EndpointChange["change"], // as `changesOf` made it
  };
}

function cursorOf({ at, revision, endpoint }: StoredChange): string {
  return `${at}.${revision}.${endpoint}`;
}

function placeOf(cursor: string | undefined): HistoryPlace | undefined {
  const [, at, revision, endpoint] = CURSOR.exec(cursor ?? "") ?? [];
  return endpoint === undefined ? undefined : { at: Number(at), revision: Number(revision), endpoint };
}
