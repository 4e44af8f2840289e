import type { EndpointChange } from "../../../webhooks/endpoints/endpoint-history.ts";
import { changeSeen, ownActor } from "../../access/change-seen.ts";
import type { Caller } from "../../access/permission.ts";
import { plainError } from "../../access/plain-refusals.ts";
import { json } from "../../answer/answer.ts";
import { changeView } from "../../answer/registered-views.ts";
import type { Route, Services } from "../../route.ts";
import { historyAnswer } from "../../schemas/endpoint.ts";
import { pathTenant } from "../tenants/tenant.ts";
import { ENDPOINT_PATH, endpointParameters, pathEndpoint } from "./endpoint.ts";

export function historyRoute(services: Services): Route {
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

/** A change as the caller sees it. */
function seen(caller: Caller, made: EndpointChange): EndpointChange {
  if (!caller.capabilities) return made;
  const { actor, reason, change } = made;
  return {
    ...made,
    actor: ownActor(actor),
    reason: plainError(caller, reason),
    change: changeSeen(caller, change),
  };
}
