import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../answer/accept.ts";
import { json } from "../answer/answer.ts";
import { listedView, pageOptions } from "../answer/listed.ts";
import { tenantView } from "../answer/registered-views.ts";
import { readJsonBody } from "../request/json-body.ts";
import { parseQuery } from "../request/parse.ts";
import { tenantOptions } from "../request/registered-requests.ts";
import type { Route, Services } from "../route.ts";
import { tenantAnswer, tenantBody, tenantPage, tenantsQuery } from "../schemas/tenant.ts";
import { tenantExample } from "./tenant.ts";

export const TENANTS_PATH = "/tenants";

export function createTenantRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: TENANTS_PATH,
    needs: "manage",
    operation: {
      id: "createTenant",
      tag: "Tenants",
      summary: "Make a tenant",
      description:
        "Need not be done beforehand: the first endpoint of a tenant makes it, and so does its first event.",
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
          headers: { Location: "The tenant.", "Idempotent-Replayed": REPLAYED },
        },
      },
      problems: [400, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, tenantBody);
      const idempotency = idempotencyOf(c, caller, TENANTS_PATH, request.bytes);
      const { tenant, replayed } = await posthorn.webhooks.tenants.createOnce(
        tenantOptions(request),
        idempotency,
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
    operation: {
      id: "listTenants",
      tag: "Tenants",
      summary: "List the tenants",
      description: "In the order in which they were made, unless another is asked for.",
      query: tenantsQuery,
      answers: { 200: { description: "A page of tenants.", schema: tenantPage } },
      problems: [422],
    },
    async handle(c) {
      const { mode, order, ...page } = parseQuery(tenantsQuery, c.req.url);
      const options = { ...pageOptions(page), ...(order && { order }), ...(mode && { mode }) };
      return json(200, listedView(await posthorn.webhooks.tenants.list(options), tenantView));
    },
  };
}
