import { OPERATORS } from "../../core/names.ts";
import { wrong } from "../../core/options.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";

/** @throws InvalidInputError for a tenant that would become the reserved one, or no longer be it. */
export function refuseRenaming(before: Pick<Tenant, "uid">, after: Pick<Tenant, "uid">): void {
  if (before.uid !== after.uid && (before.uid === OPERATORS || after.uid === OPERATORS))
    throw wrong(["uid"], `may not be changed from or to ${OPERATORS}, which is for operational events`);
}

/** @throws InvalidInputError for one in test mode. */
export function refuseTestOperators({ uid, mode }: Pick<Tenant, "uid" | "mode">): void {
  if (uid === OPERATORS && mode !== "live")
    throw wrong(["uid"], `must not be ${OPERATORS} in test mode: that tenant is told about all others`);
}
