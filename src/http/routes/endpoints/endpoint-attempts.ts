import type { Context } from "hono";
import type { ListedAttempts } from "../../../webhooks/attempts/attempts.ts";
import type { Caller } from "../../access/permission.ts";
import { NOT_ALLOWED } from "../../access/plain-refusals.ts";
import { pageSeen, requireTypeSeen } from "../../access/types-seen.ts";
import { json } from "../../answer/answer.ts";
import { endpointAttemptView } from "../../answer/attempt-view.ts";
import { listedView, pageOptions } from "../../answer/listed.ts";
import { noteRevealed, revealQuery } from "../../redaction/reveal.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Operation, Parameter, Route, Services } from "../../route.ts";
import {
  type EndpointAttemptAnswer,
  type EndpointAttemptsQuery,
  endpointAttemptAnswer,
  endpointAttemptPage,
  endpointAttemptsQuery,
  eventAttemptsQuery,
} from "../../schemas/attempt.ts";
import { TENANT_EVENT_PATH, tenantEventParameters } from "../events/sent-events.ts";
import { pathTenant, tenantParameter } from "../tenants/tenant.ts";
import { ENDPOINT_PATH, endpointParameters, pathEndpoint } from "./endpoint.ts";

const attemptParameter: Parameter = {
  name: "attempt",
  in: "path",
  description: "The attempt's id.",
  example: "atmpt_01k9zq3v7nk9zq3v7n8r2m4w6x1",
};

const example: EndpointAttemptAnswer = {
  attempt_id: "atmpt_01k9zq3v7nk9zq3v7n8r2m4w6x1",
  tenant: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  endpoint_id: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
  event_id: "msg_01k9zq3v7n8r2m4w6x8y0z1a3b",
  type: "invoice.paid",
  job_id: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
  trigger: null,
  attempt: 1,
  outcome: "failed",
  http_status: 500,
  class: "5xx",
  error: "HTTP 500 from acme.example",
  started_at: "2026-01-31T09:00:00.000Z",
  duration_ms: 48,
  response: "something broke",
  is_erased: false,
};

/** Attempts by where they went, and by what they brought. */
export const endpointAttemptRoutes = [
  endpointAttemptsRoute,
  tenantAttemptsRoute,
  eventAttemptsRoute,
  endpointAttemptRoute,
];

function endpointAttemptsRoute(services: Services): Route {
  const about = {
    id: "listEndpointAttempts",
    tag: "Tenants",
    summary: "List the attempts of an endpoint's deliveries",
    description: "Newest first. An attempt is listed once it has ended.",
    parameters: endpointParameters,
    query: endpointAttemptsQuery,
  } as const;
  return listRoute(`${ENDPOINT_PATH}/attempts`, about, async (c, caller) => {
    const query = parseQuery(endpointAttemptsQuery, c.req.url);
    const tenant = await pathTenant(c, caller, services);
    return services.posthorn.webhooks.attempts.ofEndpoint(tenant, pathEndpoint(c), optionsOf(query));
  });
}

function tenantAttemptsRoute(services: Services): Route {
  const about = {
    id: "listTenantAttempts",
    tag: "Tenants",
    summary: "List the attempts of a tenant's deliveries",
    description:
      "Newest first, to all of its endpoints. An attempt is listed once it has ended. If the tenant has more than 100 endpoints, only attempts to the 100 newest are listed.",
    parameters: [tenantParameter],
    query: endpointAttemptsQuery,
  } as const;
  return listRoute("/tenants/{tenant}/attempts", about, async (c, caller) => {
    const query = parseQuery(endpointAttemptsQuery, c.req.url);
    const tenant = await pathTenant(c, caller, services);
    return services.posthorn.webhooks.attempts.ofTenant(tenant, optionsOf(query));
  });
}

function eventAttemptsRoute(services: Services): Route {
  const about = {
    id: "listEventAttempts",
    tag: "Events",
    summary: "List the attempts of an event's deliveries",
    description: "Newest first, to all of its endpoints or to one. An attempt is listed once it has ended.",
    parameters: tenantEventParameters,
    query: eventAttemptsQuery,
  } as const;
  return listRoute(`${TENANT_EVENT_PATH}/attempts`, about, async (c, caller) => {
    const { endpoint, ...query } = parseQuery(eventAttemptsQuery, c.req.url);
    const tenant = await pathTenant(c, caller, services);
    const { attempts, events } = services.posthorn.webhooks;
    const event = c.req.param("event") ?? "";
    if (caller.eventTypes) requireTypeSeen(caller, (await events.get(event, tenant)).type, "event", event);
    return attempts.ofEvent(tenant, event, { ...optionsOf(query), endpoint });
  });
}

function listRoute(
  path: string,
  about: Omit<Operation, "answers" | "problems">,
  list: (c: Context, caller: Caller) => Promise<ListedAttempts>,
): Route {
  return {
    method: "GET",
    path,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      ...about,
      answers: { 200: { description: "A page of attempts.", schema: endpointAttemptPage } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const attempts = pageSeen(caller, await list(c, caller));
      return json(200, { ...listedView(attempts, viewFor(caller)), complete: attempts.isComplete });
    },
  };
}

function endpointAttemptRoute(services: Services): Route {
  return {
    method: "GET",
    path: "/tenants/{tenant}/attempts/{attempt}",
    needs: "read",
    scope: "tenant",
    portal: "view",
    reveals: true,
    operation: {
      id: "getEndpointAttempt",
      tag: "Tenants",
      summary: "Get an attempt",
      parameters: [tenantParameter, attemptParameter],
      query: revealQuery,
      answers: { 200: { description: "The attempt.", schema: endpointAttemptAnswer, example } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(revealQuery, c.req.url);
      const tenant = await pathTenant(c, caller, services);
      const { webhooks, audit } = services.posthorn;
      const attempt = await webhooks.attempts.get(tenant, c.req.param("attempt") ?? "");
      requireTypeSeen(caller, attempt.type, "attempt", attempt.id);
      const { jobId: id, tenantId } = attempt;
      await noteRevealed(c, caller, query, audit, { kind: "job", id, tenantId });
      return json(200, viewFor(caller)(attempt));
    },
  };
}

function optionsOf({ limit, cursor, ...query }: EndpointAttemptsQuery) {
  const { http_status_from: codeFrom, http_status_before: codeBefore, ...filter } = query;
  return { ...pageOptions({ limit, cursor }), ...filter, codeFrom, codeBefore };
}

/** A session of the portal is not told why the guard refused a target. */
function viewFor({ capabilities }: Caller): typeof endpointAttemptView {
  if (capabilities === undefined) return endpointAttemptView;
  return (attempt) => {
    const view = endpointAttemptView(attempt);
    return view.class === "blocked" ? { ...view, error: `the endpoint ${NOT_ALLOWED}` } : view;
  };
}
