import { NOT_A_CURSOR } from "../../../engine/lists.ts";
import type { EndpointChange, TenantEndpointChange } from "../../../webhooks/endpoints/endpoint-history.ts";
import type { Caller } from "../../access/permission.ts";
import { plainError } from "../../access/plain-refusals.ts";
import { typesSeenOf } from "../../access/types-seen.ts";
import { json } from "../../answer/answer.ts";
import { listedView, pageOptions } from "../../answer/listed.ts";
import { changeView, tenantChangeView } from "../../answer/registered-views.ts";
import { parseQuery } from "../../request/parse.ts";
import { badQuery } from "../../request/request-error.ts";
import type { Route, Services } from "../../route.ts";
import { historyAnswer, tenantHistoryPage, tenantHistoryQuery } from "../../schemas/endpoint.ts";
import { pathTenant, tenantParameter } from "../tenants/tenant.ts";
import { ENDPOINT_PATH, endpointParameters, ownActor, pathEndpoint } from "./endpoint.ts";

export const historyRoutes = [historyRoute, tenantHistoryRoute];

function historyRoute(services: Services): Route {
  return {
    method: "GET",
    path: `${ENDPOINT_PATH}/history`,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "listEndpointChanges",
      tag: "Tenants",
      summary: "List an endpoint's changes",
      description: "The last hundred, newest first; older ones are not kept.",
      parameters: endpointParameters,
      answers: { 200: { description: "Its changes.", schema: historyAnswer } },
      problems: [404],
    },
    async handle(c, caller) {
      const tenant = await pathTenant(c, caller, services);
      const changes = await services.posthorn.webhooks.endpoints.history(tenant, pathEndpoint(c));
      const data = changes.map((made) => changeView(seen(caller, made)));
      return json(200, { data, next_cursor: null, prev_cursor: null });
    },
  };
}

function tenantHistoryRoute(services: Services): Route {
  return {
    method: "GET",
    path: "/tenants/{tenant}/history",
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "listTenantEndpointChanges",
      tag: "Tenants",
      summary: "List the changes of all of a tenant's endpoints",
      description:
        "Newest first: of each endpoint its last hundred changes, also of those that were deleted.",
      parameters: [tenantParameter],
      query: tenantHistoryQuery,
      answers: { 200: { description: "A page of changes.", schema: tenantHistoryPage } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { limit, after, before } = pageOptions(parseQuery(tenantHistoryQuery, c.req.url));
      if (before !== undefined) throw badQuery([{ parameter: "cursor", detail: NOT_A_CURSOR }]);
      const tenant = await pathTenant(c, caller, services);
      const page = await services.posthorn.webhooks.endpoints.tenantHistory(tenant, { limit, after });
      const view = (made: TenantEndpointChange) => tenantChangeView(seen(caller, made));
      return json(200, listedView(page, view));
    },
  };
}

/** A change as the caller sees it. */
function seen<Made extends EndpointChange>(caller: Caller, made: Made): Made {
  if (!caller.capabilities) return made;
  return {
    ...{ ...made, actor: ownActor(made.actor), reason: plainError(caller, made.reason) },
    change: changeSeen(caller, made.change),
  };
}

function changeSeen(caller: Caller, change: EndpointChange["change"]): EndpointChange["change"] {
  const { eventTypes, statusReason } = change;
  // as `changesOf` writes them
  const types = (eventTypes ?? []) as readonly (readonly string[] | null)[];
  const reasons = (statusReason ?? []) as readonly (string | null)[];
  return {
    ...change,
    ...(eventTypes && { eventTypes: pairOf(types, (patterns) => typesSeenOf(caller, patterns)) }),
    ...(statusReason && { statusReason: pairOf(reasons, (reason) => plainError(caller, reason)) }),
  };
}

function pairOf<Value>(
  [was = null, is = null]: readonly (Value | null)[],
  seen: (value: Value | null) => unknown,
): EndpointChange["change"][string] {
  return [seen(was), seen(is)];
}
