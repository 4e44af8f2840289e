import { JobNotFoundError, NotFoundError } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import { isWithin } from "../../core/reach.ts";
import type { JobFilter } from "../../store/job-records.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import type { Tenants } from "../../webhooks/tenants/tenants.ts";
import { badBody, RequestError } from "../request/request-error.ts";
import type { Caller } from "./permission.ts";

type LookUp = Pick<Tenants, "get">;

/**
 * The name by which to ask the library for the tenant in a request.
 * @throws NotFoundError when the caller does not see it.
 */
export async function tenantSeen(name: string, { reach }: Caller, tenants: LookUp): Promise<string> {
  if (!reach) return name;
  const tenant = await tenants.get(name);
  if (isWithin(tenant, reach)) return tenant.id;
  throw new NotFoundError("tenant", name);
}

/** The id of the tenant that a query names. @throws NotFoundError when the caller does not see it. */
export async function tenantIdSeen(name: string, caller: Caller, tenants: LookUp): Promise<string> {
  return (await tenants.get(await tenantSeen(name, caller, tenants))).id;
}

/** Like `tenantSeen`, but also accepts a name that no tenant has, if the caller may create one. */
export async function tenantSeenOrNew(name: string, caller: Caller, tenants: LookUp): Promise<string> {
  const { reach } = caller;
  if (!reach) return name;
  const tenant = await found(name, tenants);
  if (tenant ? isWithin(tenant, reach) : reach.tenant === undefined) return tenant?.id ?? name;
  throw new NotFoundError("tenant", name);
}

/** @throws JobNotFoundError when the caller does not see the job: it is of another tenant, or of no tenant. */
export async function requireJobSeen({ id, origin }: Job, { reach }: Caller, tenants: LookUp): Promise<void> {
  if (!reach) return;
  const tenant = origin?.tenant;
  if (tenant === undefined || (reach.tenant !== undefined && reach.tenant !== tenant))
    throw new JobNotFoundError(id);
  if (reach.mode === undefined) return;
  const owner = await found(tenant, tenants);
  if (owner?.mode !== reach.mode) throw new JobNotFoundError(id);
}

/** Of the jobs that the caller sees. */
export function jobsSeen({ reach = {} }: Caller): Pick<JobFilter, "tenant" | "mode"> {
  const { tenant, mode } = reach;
  return { ...(tenant !== undefined && { tenant }), ...(mode !== undefined && { mode }) };
}

/**
 * The mode of a tenant that a caller creates.
 * @throws RequestError 422 when it asks for another one than it sees.
 */
export function modeToMake(
  asked: RegisteredTenant["mode"] | undefined,
  { reach }: Caller,
): RegisteredTenant["mode"] | undefined {
  const mode = reach?.mode;
  if (mode === undefined || asked === undefined || asked === mode) return mode ?? asked;
  throw badBody([{ path: ["mode"], detail: `must be ${mode}, the mode of your key` }]);
}

/** Keys bound to a tenant may not change tenants, including their limits. @throws RequestError 403 */
export function refuseTenantsOwn({ reach }: Caller): void {
  if (reach?.tenant === undefined) return;
  throw new RequestError("a key that is bound to a tenant may not make or change tenants", {
    status: 403,
    code: "forbidden",
  });
}

function found(name: string, tenants: LookUp): Promise<RegisteredTenant | undefined> {
  return tenants.get(name).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
}
