import type { Context } from "hono";
import type { z } from "zod";
import { NO_BACKLOG } from "../../../webhooks/endpoints/endpoint-backlog.ts";
import type { RegisteredEndpoint } from "../../../webhooks/endpoints/registered-endpoint.ts";
import { byOf } from "../../access/by.ts";
import { ownActor } from "../../access/change-seen.ts";
import type { Caller } from "../../access/permission.ts";
import { plainError, toldPlainly } from "../../access/plain-refusals.ts";
import { requireFields } from "../../access/session-gate.ts";
import { requireChoice, requireWithin, seesAllOf, typesSeenOf } from "../../access/types-seen.ts";
import { json, noContent } from "../../answer/answer.ts";
import { backlogView, endpointView, secretAgeView } from "../../answer/registered-views.ts";
import { readJsonBody } from "../../request/json-body.ts";
import { parseQuery } from "../../request/parse.ts";
import { endpointChangesOf, endpointOptions } from "../../request/registered-requests.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import {
  type EndpointAnswer,
  endpointAnswer,
  endpointBody,
  endpointChanges,
  endpointMade,
} from "../../schemas/endpoint.ts";
import { endpointDetail, endpointQuery } from "../../schemas/endpoint-list.ts";
import { pathTenant, pathTenantOrNew, tenantParameter } from "../tenants/tenant.ts";

export const ENDPOINT_PATH = "/tenants/{tenant}/endpoints/{endpoint}";

const endpointParameter: Parameter = {
  name: "endpoint",
  in: "path",
  description: "The endpoint's uid or id.",
  example: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

export const endpointParameters = [tenantParameter, endpointParameter];

export const endpointExample: EndpointAnswer = {
  endpoint_id: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
  tenant: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  uid: null,
  url: "https://acme.example/hooks",
  description: "",
  event_types: ["invoice.*"],
  channels: null,
  filter: null,
  metadata: {},
  headers: [],
  auth: null,
  egress: null,
  header_style: "webhook",
  signature: "hmac",
  sends_event_type: true,
  timeout: null,
  retry: null,
  limits: { rate: { limit: 10, per: "second" } },
  verification: null,
  status: "active",
  status_reason: null,
  status_actor: null,
  status_changed_at: "2026-01-31T09:00:00.000Z",
  health: {
    ...{ breaker: "closed", failures: 0, failing_since: null, opened_at: null, next_probe_at: null },
    ...{ last_success_at: null, last_failure_at: null, last_error: null },
  },
  created_at: "2026-01-31T09:00:00.000Z",
  updated_at: "2026-01-31T09:00:00.000Z",
};

const THE_ENDPOINT = { description: "The endpoint.", schema: endpointAnswer, example: endpointExample };
const MADE = { ...THE_ENDPOINT, schema: endpointMade, example: { ...endpointExample, warnings: [] } };

export function pathEndpoint(c: Context): string {
  return c.req.param("endpoint") ?? "";
}

/** Where an endpoint is looked up. */
export function placeOf({ tenantId, id }: { readonly tenantId: string; readonly id: string }): string {
  return `/tenants/${tenantId}/endpoints/${id}`;
}

export function endpointRoute(services: Services): Route {
  return {
    method: "GET",
    path: ENDPOINT_PATH,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "getEndpoint",
      tag: "Tenants",
      summary: "Get an endpoint",
      parameters: endpointParameters,
      query: endpointQuery,
      answers: { 200: { ...THE_ENDPOINT, schema: endpointDetail } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { backlog, secrets } = parseQuery(endpointQuery, c.req.url);
      const tenant = await pathTenant(c, caller, services);
      const { endpoints } = services.posthorn.webhooks;
      const endpoint = await endpoints.get(tenant, pathEndpoint(c));
      const { id, eventTypes } = endpoint;
      const backlogs = backlog === "true" ? await endpoints.backlogs(tenant, [id]) : undefined;
      const ages = secrets === "true" ? await endpoints.secretAges(tenant, id) : undefined;
      const waits = backlogs && backlogView(backlogs.get(id) ?? NO_BACKLOG);
      return json(200, {
        ...endpointSeen(caller, endpoint),
        ...(waits && { backlog: seesAllOf(caller, eventTypes) ? waits : null }),
        ...(ages && { secrets: ages.map(secretAgeView) }),
      });
    },
  };
}

export function putEndpointRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "PUT",
    path: ENDPOINT_PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "putEndpoint",
      tag: "Tenants",
      summary: "Create or replace an endpoint",
      description:
        "Fields that are left out are reset to their defaults; secrets and status stay. `secret`, `signature` and `status` are accepted for a new endpoint only.",
      parameters: endpointParameters,
      body: { schema: endpointBody, examples: { "an endpoint": { url: "https://acme.example/hooks" } } },
      answers: {
        200: MADE,
        201: {
          ...MADE,
          description: "The endpoint, which is new.",
          headers: { Location: "The path of the endpoint." },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, endpointBody);
      const tenant = await pathTenantOrNew(c, caller, services);
      const by = byOf(c, caller);
      const { endpoint, warnings, isNew } = await posthorn.webhooks.endpoints.put(
        tenant,
        pathEndpoint(c),
        endpointOptions(request),
        by,
      );
      const view = { ...endpointView(endpoint), warnings };
      return isNew ? json(201, view, { location: placeOf(endpoint) }) : json(200, view);
    },
  };
}

export function patchEndpointRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "PATCH",
    path: ENDPOINT_PATH,
    needs: "manage",
    scope: "tenant",
    portal: "endpoints",
    operation: {
      id: "changeEndpoint",
      tag: "Tenants",
      summary: "Change an endpoint",
      description: "Deliveries that are already queued use the new values.",
      parameters: endpointParameters,
      body: {
        schema: endpointChanges,
        examples: { "another url": { url: "https://acme.example/new" }, "all types": { event_types: null } },
      },
      answers: { 200: THE_ENDPOINT },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, endpointChanges);
      requireFields(caller, request.body);
      const tenant = await pathTenant(c, caller, services);
      if (caller.eventTypes !== undefined) {
        if (request.body.event_types !== undefined) requireChoice(caller, request.body.event_types);
        const now = await posthorn.webhooks.endpoints.get(tenant, pathEndpoint(c));
        refuseForOthers(caller, now, request.body);
      }
      const changes = endpointChangesOf(request);
      const by = byOf(c, caller);
      const endpoint = await toldPlainly(
        caller,
        posthorn.webhooks.endpoints.patch(tenant, pathEndpoint(c), changes, by),
      );
      return json(200, endpointSeen(caller, endpoint));
    },
  };
}

/** Fields that do not touch deliveries. */
const ABOUT: ReadonlySet<string> = new Set(["description", "metadata", "uid"]);

/** @throws RequestError 403 for what would change deliveries of event types that the caller does not see. */
function refuseForOthers(
  caller: Caller,
  { eventTypes, url }: RegisteredEndpoint,
  asked: z.infer<typeof endpointChanges>,
): void {
  for (const field of Object.keys(asked)) {
    // the portal gives all fields of its form, also those that stay
    if (ABOUT.has(field) || (field === "url" && asked.url === url)) continue;
    requireWithin(caller, eventTypes, field === "event_types" ? "change which" : `change its ${field}`);
  }
}

/** @throws RequestError 403 when the endpoint also gets event types that the caller does not see. @param what as in `requireWithin`. */
export async function requireOwnEndpoint(
  c: Context,
  caller: Caller,
  { posthorn }: Services,
  tenant: string,
  what: string,
): Promise<void> {
  if (caller.eventTypes === undefined) return;
  requireWithin(caller, (await posthorn.webhooks.endpoints.get(tenant, pathEndpoint(c))).eventTypes, what);
}

/** An endpoint as a caller sees it. */
export function endpointSeen(caller: Caller, endpoint: RegisteredEndpoint): EndpointAnswer {
  const { eventTypes, statusActor, statusReason, health } = endpoint;
  const view = endpointView({
    ...endpoint,
    statusReason: plainError(caller, statusReason),
    health: { ...health, lastError: plainError(caller, health.lastError) },
    eventTypes: typesSeenOf(caller, eventTypes),
    statusActor: caller.capabilities ? ownActor(statusActor) : statusActor,
  });
  return caller.eventTypes ? { ...view, sees_all_event_types: seesAllOf(caller, eventTypes) } : view;
}

export function deleteEndpointRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "DELETE",
    path: ENDPOINT_PATH,
    needs: "manage",
    scope: "tenant",
    portal: "endpoints",
    operation: {
      id: "deleteEndpoint",
      tag: "Tenants",
      summary: "Delete an endpoint",
      description:
        "Running deliveries end without a retry, and waiting ones are cancelled. Its uid can be used again.",
      parameters: endpointParameters,
      answers: { 204: { description: "The endpoint was deleted.", type: null } },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const tenant = await pathTenant(c, caller, services);
      await requireOwnEndpoint(c, caller, services, tenant, "delete it");
      await posthorn.webhooks.endpoints.delete(tenant, pathEndpoint(c), byOf(c, caller));
      return noContent();
    },
  };
}
