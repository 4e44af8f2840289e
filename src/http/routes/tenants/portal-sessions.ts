import { withoutUndefined } from "../../../core/without-undefined.ts";
import { byOf } from "../../access/by.ts";
import { json, noContent } from "../../answer/answer.ts";
import { rfc3339 } from "../../answer/rfc3339.ts";
import { jsonBodyOf, readJsonBody } from "../../request/json-body.ts";
import { badBody, RequestError } from "../../request/request-error.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import { exchangeAnswer, exchangeBody, portalSessionBody, portalSessionMade } from "../../schemas/portal.ts";
import { durationGiven } from "../../schemas/times.ts";
import { pathTenant, tenantParameter } from "./tenant.ts";

const PATH = "/tenants/{tenant}/portal-sessions";

const sessionParameter: Parameter = {
  name: "session_id",
  in: "path",
  description: "The session's id.",
  example: "pss_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

export const portalSessionRoutes = [
  createPortalSessionRoute,
  endPortalSessionsRoute,
  endPortalSessionRoute,
  exchangePortalCodeRoute,
];

function createPortalSessionRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "POST",
    path: PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "createPortalSession",
      tag: "Tenants",
      summary: "Create a portal session",
      description:
        "Its url opens a page where the tenant's people manage their own endpoints, and see nothing of other tenants. Create a session each time somebody opens the portal.",
      parameters: [tenantParameter],
      body: {
        schema: portalSessionBody,
        examples: {
          "as usual": {},
          "only looking": { expires_in: "2h", capabilities: ["view"] },
          "some event types": {
            event_types: ["invoice.paid", "invoice.voided"],
            refresh_url: "https://app.example.com/webhooks",
          },
        },
      },
      answers: { 201: { description: "The session.", schema: portalSessionMade } },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      const bytes = await bodies.read(c);
      const body = bytes.byteLength === 0 ? {} : jsonBodyOf(c, bytes, portalSessionBody).body;
      const tenant = await pathTenant(c, caller, services);
      const options = withoutUndefined({
        expiresIn: body.expires_in === undefined ? undefined : durationGiven(body.expires_in),
        capabilities: body.capabilities,
        eventTypes: body.event_types,
        refreshUrl: body.refresh_url,
        origin: body.origin,
        sessionId: body.session_id,
      });
      requireFrame(body.origin, services);
      const made = await posthorn.webhooks.portal.create(tenant, options, byOf(c, caller));
      const url = `${services.publicUrl(c)}/portal#s=${made.code}`;
      const { sessionId, token, expiresAt } = made;
      return json(201, { session_id: sessionId, url, token, expires_at: rfc3339(expiresAt) });
    },
  };
}

/** @throws RequestError 422 for a page that no browser would show the portal in. */
function requireFrame(origin: string | undefined, { portalOrigins }: Services): void {
  if (origin === undefined || portalOrigins.includes(origin)) return;
  throw badBody([{ path: ["origin"], detail: "must be one of the server's --portal-origins" }]);
}

function endPortalSessionsRoute(services: Services): Route {
  return {
    method: "DELETE",
    path: PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "endPortalSessions",
      tag: "Tenants",
      summary: "End all of a tenant's portal sessions",
      parameters: [tenantParameter],
      answers: { 204: { description: "All sessions have ended.", type: null } },
      problems: [404],
    },
    async handle(c, caller) {
      await services.bodies.readNothing(c);
      const tenant = await pathTenant(c, caller, services);
      await services.posthorn.webhooks.portal.end(tenant, undefined, byOf(c, caller));
      return noContent();
    },
  };
}

function endPortalSessionRoute(services: Services): Route {
  return {
    method: "DELETE",
    path: `${PATH}/{session_id}`,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "endPortalSession",
      tag: "Tenants",
      summary: "End a portal session",
      description: "Its token is refused from the next request on.",
      parameters: [tenantParameter, sessionParameter],
      answers: { 204: { description: "The session has ended, or did not exist.", type: null } },
      problems: [404],
    },
    async handle(c, caller) {
      await services.bodies.readNothing(c);
      const tenant = await pathTenant(c, caller, services);
      await services.posthorn.webhooks.portal.end(tenant, c.req.param("session_id") ?? "", byOf(c, caller));
      return noContent();
    },
  };
}

/** Open to everyone, because the caller only has the code. */
function exchangePortalCodeRoute({ posthorn, bodies, clock }: Services): Route {
  return {
    method: "POST",
    path: "/portal/token",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "exchangePortalCode",
      tag: "Tenants",
      summary: "Exchange the code in a portal url for a token",
      description: "Each code works once; the portal does this when it is opened.",
      body: { schema: exchangeBody, examples: { "a code": { code: "phc_…" } } },
      answers: { 200: { description: "The token.", schema: exchangeAnswer } },
      problems: [400, 401, 413, 415, 422],
    },
    async handle(c) {
      const { body } = await readJsonBody(c, bodies, exchangeBody);
      const session = await posthorn.webhooks.portal.exchange(body.code);
      if (!session)
        throw new RequestError("the link was used before, or is too old; open the portal again", {
          status: 401,
          code: "unauthorized",
        });
      const { sessionId, tenant, token, capabilities, eventTypes, refreshUrl, origin, expiresAt } = session;
      return json(200, {
        session_id: sessionId,
        tenant_id: tenant,
        token,
        capabilities,
        event_types: eventTypes ?? null,
        refresh_url: refreshUrl ?? null,
        origin: origin ?? null,
        expires_at: rfc3339(expiresAt),
        expires_in_ms: expiresAt.getTime() - clock.now(),
      });
    },
  };
}
