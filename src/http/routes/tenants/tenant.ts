import type { Context } from "hono";
import { isId } from "../../../core/id.ts";
import { byOf } from "../../access/by.ts";
import type { Caller } from "../../access/permission.ts";
import { modeToMake, refuseTenantsOwn, tenantSeen, tenantSeenOrNew } from "../../access/reach.ts";
import { json, noContent } from "../../answer/answer.ts";
import { tenantView } from "../../answer/registered-views.ts";
import { readJsonBody } from "../../request/json-body.ts";
import { tenantOptions } from "../../request/registered-requests.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import { type TenantAnswer, tenantAnswer, tenantBody, tenantChanges } from "../../schemas/tenant.ts";

export const tenantParameter: Parameter = {
  name: "tenant",
  in: "path",
  description: "The tenant's uid or id.",
  example: "acme",
};

export const tenantExample: TenantAnswer = {
  tenant_id: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  uid: "acme",
  name: "Acme Ltd",
  metadata: {},
  limits: null,
  mode: "live",
  made_by: "api",
  created_at: "2026-01-31T09:00:00.000Z",
  updated_at: "2026-01-31T09:00:00.000Z",
};

const PATH = "/tenants/{tenant}";
const THE_TENANT = { description: "The tenant.", schema: tenantAnswer, example: tenantExample };

/** The tenant that the path names, by what to ask the library for. @throws NotFoundError */
export function pathTenant(c: Context, caller: Caller, { posthorn }: Services): Promise<string> {
  return tenantSeen(c.req.param("tenant") ?? "", caller, posthorn.webhooks.tenants);
}

/**
 * As `pathTenant`, for what makes the tenant where there is none. What is made for a caller of one mode has that mode.
 * @throws NotFoundError
 */
export async function pathTenantOrNew(c: Context, caller: Caller, { posthorn }: Services): Promise<string> {
  const { tenants } = posthorn.webhooks;
  const name = await tenantSeenOrNew(c.req.param("tenant") ?? "", caller, tenants);
  if (caller.reach?.mode !== "test" || isId("app", name)) return name;
  return (await tenants.put(name, { mode: "test" }, byOf(c, caller))).tenant.id;
}

export const tenantRoutes = [tenantRoute, putTenantRoute, patchTenantRoute, deleteTenantRoute];

function tenantRoute(services: Services): Route {
  return {
    method: "GET",
    path: PATH,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "getTenant",
      tag: "Tenants",
      summary: "Get a tenant",
      parameters: [tenantParameter],
      answers: { 200: THE_TENANT },
      problems: [404],
    },
    async handle(c, caller) {
      const tenant = await pathTenant(c, caller, services);
      return json(200, tenantView(await services.posthorn.webhooks.tenants.get(tenant)));
    },
  };
}

function putTenantRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "PUT",
    path: PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "putTenant",
      tag: "Tenants",
      summary: "Create or replace a tenant",
      description: "Fields that are left out are reset to their defaults; the mode stays.",
      parameters: [tenantParameter],
      body: { schema: tenantBody, examples: { "a tenant": { name: "Acme Ltd" } } },
      answers: {
        200: THE_TENANT,
        201: {
          ...THE_TENANT,
          description: "The tenant, which is new.",
          headers: { Location: "The path of the tenant." },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, tenantBody);
      const { tenants } = posthorn.webhooks;
      const name = await tenantSeenOrNew(c.req.param("tenant") ?? "", caller, tenants);
      refuseTenantsOwn(caller);
      const mode = modeToMake(request.body.mode, caller);
      const options = { ...tenantOptions(request), ...(mode && { mode }) };
      const { tenant, isNew } = await tenants.put(name, options, byOf(c, caller));
      return isNew
        ? json(201, tenantView(tenant), { location: `/tenants/${tenant.id}` })
        : json(200, tenantView(tenant));
    },
  };
}

function patchTenantRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "PATCH",
    path: PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "changeTenant",
      tag: "Tenants",
      summary: "Change a tenant",
      parameters: [tenantParameter],
      body: { schema: tenantChanges, examples: { "another name": { name: "Acme Inc" } } },
      answers: { 200: THE_TENANT },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, tenantChanges);
      const name = await pathTenant(c, caller, services);
      refuseTenantsOwn(caller);
      return json(
        200,
        tenantView(await posthorn.webhooks.tenants.patch(name, tenantOptions(request), byOf(c, caller))),
      );
    },
  };
}

function deleteTenantRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "DELETE",
    path: PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "deleteTenant",
      tag: "Tenants",
      summary: "Delete a tenant",
      description:
        "Its endpoints are deleted too, and their queued deliveries are cancelled. Its uid can be used again, but for a day it accepts no events unless the tenant is created again.",
      parameters: [tenantParameter],
      answers: { 204: { description: "The tenant was deleted.", type: null } },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const name = await pathTenant(c, caller, services);
      refuseTenantsOwn(caller);
      await posthorn.webhooks.tenants.delete(name, byOf(c, caller));
      return noContent();
    },
  };
}
