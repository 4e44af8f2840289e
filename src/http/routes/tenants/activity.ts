import type { TenantActivity } from "../../../webhooks/tenants/tenant-activity.ts";
import { changeSeen, ownActor } from "../../access/change-seen.ts";
import type { Caller } from "../../access/permission.ts";
import { plainError } from "../../access/plain-refusals.ts";
import { json } from "../../answer/answer.ts";
import { changedView } from "../../answer/change-view.ts";
import { pageOptions, searchedView } from "../../answer/listed.ts";
import { rfc3339 } from "../../answer/rfc3339.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { type ActivityAnswer, activityPage, activityQuery } from "../../schemas/audit.ts";
import { pathTenant, tenantParameter } from "./tenant.ts";

const example: ActivityAnswer = {
  id: "adt_01k9zq3v7n8r2m4w6x8y0z1a3b",
  at: "2026-01-31T09:00:00.000Z",
  actor: "key_01k9zq3v7n8r2m4w6x8y0z1a3b",
  reason: "a new server",
  action: "endpoint.update",
  target: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
  endpoint: {
    endpoint_id: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
    url: "https://acme.example/in",
    is_deleted: false,
  },
  changes: { url: { was: "https://acme.example/hooks", is: "https://acme.example/in" } },
};

export function activityRoute(services: Services): Route {
  return {
    method: "GET",
    path: "/tenants/{tenant}/activity",
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "listTenantActivity",
      tag: "Tenants",
      summary: "List what was done to a tenant's endpoints and deliveries",
      description:
        "Newest first: endpoints that were created, changed, tested or deleted, secrets that were shown or rotated, deliveries that were repeated or cancelled. A portal session that is limited to some event types gets only what was done to endpoints.",
      parameters: [tenantParameter],
      query: activityQuery,
      answers: {
        200: {
          description: "A page of what was done.",
          schema: activityPage,
          example: {
            data: [example],
            next_cursor: null,
            prev_cursor: null,
            searched_to: null,
            complete: true,
          },
        },
      },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { of, ...page } = parseQuery(activityQuery, c.req.url);
      const tenant = await pathTenant(c, caller, services);
      const listed = await services.posthorn.webhooks.tenants.activity(tenant, {
        ...pageOptions(page),
        // events and jobs may be of a type that the session is not for
        of: caller.eventTypes ? "endpoints" : of,
      });
      return json(
        200,
        searchedView(listed, (done) => activityView(seen(caller, done))),
      );
    },
  };
}

/** What was done, as the caller sees it. */
function seen(caller: Caller, done: TenantActivity): TenantActivity {
  if (!caller.capabilities) return done;
  const { action, via } = done;
  const { type, filter, ...change } = changeSeen(caller, done.change);
  const isTypeSeen = type !== undefined && (caller.eventTypes?.has(String(type[1])) ?? true);
  return {
    ...done,
    actor: ownActor(done.actor),
    // what operators say of deliveries is meant for operators
    reason: action.startsWith("endpoint.") || via === "portal" ? plainError(caller, done.reason) : null,
    change: isTypeSeen ? { ...change, type } : change,
  };
}

function activityView({ id, at, actor, reason, action, target, endpoint, change }: TenantActivity) {
  return {
    ...{ id, at: rfc3339(at), actor, reason, action, target },
    endpoint: endpoint && { endpoint_id: endpoint.id, url: endpoint.url, is_deleted: endpoint.isDeleted },
    changes: changedView(change, action.startsWith("bulk.") ? ["filter"] : []),
  } satisfies ActivityAnswer;
}
