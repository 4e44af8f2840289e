import { NotFoundError } from "../../core/errors.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import type { Tenants } from "../../webhooks/tenants/tenants.ts";
import type { Caller, Reach } from "./permission.ts";

export function isWithin({ id, mode }: Pick<RegisteredTenant, "id" | "mode">, reach: Reach): boolean {
  return (
    (reach.tenant === undefined || reach.tenant === id) && (reach.mode === undefined || reach.mode === mode)
  );
}

/**
 * A tenant that a request names, by what the library is to be asked for it.
 * @throws NotFoundError when the caller does not see it.
 */
export async function tenantSeen(
  name: string,
  { reach }: Caller,
  tenants: Pick<Tenants, "get">,
): Promise<string> {
  if (!reach) return name;
  const tenant = await tenants.get(name);
  if (isWithin(tenant, reach)) return tenant.id;
  throw new NotFoundError("tenant", name);
}
