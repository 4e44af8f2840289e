import { NO_BACKLOG } from "../../../webhooks/endpoints/endpoint-backlog.ts";
import { NO_TOTALS } from "../../../webhooks/endpoints/endpoint-stats.ts";
import type { RegisteredEndpoint } from "../../../webhooks/endpoints/registered-endpoint.ts";
import { byOf } from "../../access/by.ts";
import { toldPlainly } from "../../access/plain-refusals.ts";
import { requireFields } from "../../access/session-gate.ts";
import { requireChoice, requireTypeAsked, seesAllOf } from "../../access/types-seen.ts";
import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../../answer/accept.ts";
import { json } from "../../answer/answer.ts";
import { listedView, pageOptions } from "../../answer/listed.ts";
import { backlogView, totalsView } from "../../answer/registered-views.ts";
import { readJsonBody } from "../../request/json-body.ts";
import { parseQuery } from "../../request/parse.ts";
import { endpointOptions } from "../../request/registered-requests.ts";
import type { Route, Services } from "../../route.ts";
import { endpointBody, endpointMade } from "../../schemas/endpoint.ts";
import { endpointPage, endpointsQuery, type ListedEndpoint } from "../../schemas/endpoint-list.ts";
import { pathTenant, pathTenantOrNew, tenantParameter } from "../tenants/tenant.ts";
import { ENDPOINT_PATH, endpointExample, endpointSeen, placeOf } from "./endpoint.ts";

const PATH = "/tenants/{tenant}/endpoints";

export function createEndpointRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "POST",
    path: PATH,
    needs: "manage",
    scope: "tenant",
    portal: "endpoints",
    operation: {
      id: "createEndpoint",
      tag: "Tenants",
      summary: "Create an endpoint",
      description: `If the tenant does not exist and the path names it by a uid, it is created too. The endpoint's secret is at ${ENDPOINT_PATH}/secret.`,
      parameters: [tenantParameter, idempotencyParameter],
      body: {
        schema: endpointBody,
        examples: {
          "all events": { url: "https://acme.example/hooks" },
          "some events": {
            url: "https://acme.example/hooks",
            event_types: ["invoice.*"],
            limits: { rate: { limit: 10, per: "second" } },
          },
        },
      },
      answers: {
        201: {
          description: "The endpoint.",
          schema: endpointMade,
          example: { ...endpointExample, warnings: [] },
          headers: { Location: "The path of the endpoint.", "Idempotent-Replayed": REPLAYED },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, endpointBody);
      requireFields(caller, request.body);
      requireChoice(caller, request.body.event_types ?? null);
      const tenant = await pathTenantOrNew(c, caller, services);
      const idempotency = idempotencyOf(c, caller, `/tenants/${tenant}/endpoints`, request.bytes);
      const { endpoint, warnings, replayed } = await toldPlainly(
        caller,
        posthorn.webhooks.endpoints.create(tenant, endpointOptions(request), byOf(c, caller), idempotency),
      );
      const headers = { location: placeOf(endpoint), ...replayedHeader(replayed) };
      return json(201, { ...endpointSeen(caller, endpoint), warnings }, headers);
    },
  };
}

export function endpointsRoute(services: Services): Route {
  return {
    method: "GET",
    path: PATH,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "listEndpoints",
      tag: "Tenants",
      summary: "List a tenant's endpoints",
      description:
        "Newest first, unless `order` says otherwise. With filters, each page examines at most 2500 endpoints.",
      parameters: [tenantParameter],
      query: endpointsQuery,
      answers: { 200: { description: "A page of endpoints.", schema: endpointPage } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { order, stats, backlog, status, event_type, text, ...page } = parseQuery(
        endpointsQuery,
        c.req.url,
      );
      if (event_type !== undefined) requireTypeAsked(caller, event_type);
      const tenant = await pathTenant(c, caller, services);
      const filter = { status, eventType: event_type, text };
      const options = { ...pageOptions(page), ...(order && { order }), ...filter };
      const { endpoints } = services.posthorn.webhooks;
      const found = await endpoints.list(tenant, options);
      const ids = found.data.map(({ id }) => id);
      const totals = stats && ids.length > 0 ? await endpoints.totals(tenant, ids) : undefined;
      const backlogs =
        backlog === "true" && ids.length > 0 ? await endpoints.backlogs(tenant, ids) : undefined;
      const listed = (each: RegisteredEndpoint): ListedEndpoint => {
        const seesAll = seesAllOf(caller, each.eventTypes);
        return {
          ...endpointSeen(caller, each),
          ...(totals && { stats: seesAll ? totalsView(totals.get(each.id) ?? NO_TOTALS) : null }),
          ...(backlogs && { backlog: seesAll ? backlogView(backlogs.get(each.id) ?? NO_BACKLOG) : null }),
        };
      };
      return json(200, { ...listedView(found, listed), complete: found.isComplete });
    },
  };
}
