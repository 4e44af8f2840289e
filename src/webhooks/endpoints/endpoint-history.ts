import { dateOf } from "../../core/instant.ts";
import { parseAsWritten } from "../../core/json/parse-as-written.ts";
import type { EndpointChange as StoredChange } from "../../store/shelves/endpoint-history.ts";
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

type Stores = Pick<Store, "endpoints">;

const MOST_CHANGES = 100;
export async function historyOf(
  { endpoints }: Stores,
  { tenant, id }: EndpointKey,
  before: number | undefined,
): Promise<readonly EndpointChange[]> {
  const rows = await endpoints.history(tenant, id, { limit: MOST_CHANGES, before });
  return rows.map(shownChange);
}

function shownChange({ revision, at, actor, reason, change }: StoredChange): EndpointChange {
  return {
    ...{ revision, at: dateOf(at), actor, reason },
    change: parseAsWritten(change) as EndpointChange["change"], // as `changesOf` made it
  };
}
