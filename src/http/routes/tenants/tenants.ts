import { isWithin } from "../../../core/reach.ts";
import type { Listed } from "../../../engine/lists.ts";
import type { RegisteredTenant } from "../../../webhooks/tenants/tenant-options.ts";
import { byOf } from "../../access/by.ts";
import { modeToMake, refuseTenantsOwn } from "../../access/reach.ts";
import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../../answer/accept.ts";
import { json } from "../../answer/answer.ts";
import { listedView, pageOptions } from "../../answer/listed.ts";
import { tenantView } from "../../answer/registered-views.ts";
import { readJsonBody } from "../../request/json-body.ts";
import { parseQuery } from "../../request/parse.ts";
import { tenantOptions } from "../../request/registered-requests.ts";
import type { Route, Services } from "../../route.ts";
import { tenantAnswer, tenantBody, tenantPage, tenantsQuery } from "../../schemas/tenant.ts";
import { tenantExample } from "./tenant.ts";

const TENANTS_PATH = "/tenants";

export function createTenantRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: TENANTS_PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "createTenant",
      tag: "Tenants",
      summary: "Create a tenant",
      description: "Optional: a tenant's first endpoint creates it, and so does its first event.",
      parameters: [idempotencyParameter],
      body: {
        schema: tenantBody,
        examples: { "a tenant": { uid: "acme", name: "Acme Ltd" } },
      },
      answers: {
        201: {
          description: "The tenant.",
          schema: tenantAnswer,
          example: tenantExample,
          headers: { Location: "The path of the tenant.", "Idempotent-Replayed": REPLAYED },
        },
      },
      problems: [400, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, tenantBody);
      refuseTenantsOwn(caller);
      const mode = modeToMake(request.body.mode, caller);
      const idempotency = idempotencyOf(c, caller, TENANTS_PATH, request.bytes);
      const { tenant, replayed } = await posthorn.webhooks.tenants.createOnce(
        { ...tenantOptions(request), ...(mode && { mode }) },
        idempotency,
        byOf(c, caller),
      );
      return json(201, tenantView(tenant), {
        location: `${TENANTS_PATH}/${tenant.id}`,
        ...replayedHeader(replayed),
      });
    },
  };
}

export function tenantsRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: TENANTS_PATH,
    needs: "read",
    scope: "tenant",
    operation: {
      id: "listTenants",
      tag: "Tenants",
      summary: "List tenants",
      description:
        "Oldest first, unless `order` says otherwise. The tenant of operational events, posthorn, is not listed.",
      query: tenantsQuery,
      answers: { 200: { description: "A page of tenants.", schema: tenantPage } },
      problems: [422],
    },
    async handle(c, { reach }) {
      const { mode: asked, order, ...page } = parseQuery(tenantsQuery, c.req.url);
      const mode = reach?.mode ?? asked;
      const options = { ...pageOptions(page), ...(order && { order }), ...(mode && { mode }) };
      const { tenants } = posthorn.webhooks;
      const listed =
        reach?.tenant === undefined ? await tenants.list(options) : only(await tenants.get(reach.tenant));
      const data = listed.data.filter(
        (tenant) => isWithin(tenant, reach ?? {}) && (asked ?? tenant.mode) === tenant.mode,
      );
      return json(200, listedView({ ...listed, data }, tenantView));
    },
  };
}

function only(tenant: RegisteredTenant): Listed<RegisteredTenant> {
  return { data: [tenant], nextCursor: null, prevCursor: null };
}
