import { durationText } from "../../core/duration.ts";
import type { AuditRecord } from "../../engine/audit/audit-trail.ts";
import type { Caller } from "../access/permission.ts";
import { tenantIdSeen } from "../access/reach.ts";
import { json } from "../answer/answer.ts";
import { changedView } from "../answer/change-view.ts";
import { pageOptions, searchedView } from "../answer/listed.ts";
import { rfc3339 } from "../answer/rfc3339.ts";
import { momentGiven } from "../request/moment.ts";
import { parseQuery } from "../request/parse.ts";
import { RequestError } from "../request/request-error.ts";
import type { Route, Services } from "../route.ts";
import { type AuditEntryAnswer, auditPage, auditQuery } from "../schemas/audit.ts";

const example: AuditEntryAnswer = {
  id: "adt_01k9zq3v7n8r2m4w6x8y0z1a3b",
  at: "2026-01-31T09:00:00.000Z",
  actor: "ops",
  actor_id: "key_01k9zq3v7n8r2m4w6x8y0z1a3b",
  role: "manage",
  via: "api",
  ip: "192.0.2.7",
  action: "endpoint.update",
  target: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
  tenant: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  change: { url: { was: "https://acme.example/hooks", is: "https://acme.example/in" } },
  note: null,
  request_id: null,
};

export function auditRoute({ posthorn, doctor }: Services): Route {
  return {
    method: "GET",
    path: "/audit",
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "listAudit",
      tag: "Server",
      summary: "List audit entries",
      description:
        "Who changed what, newest first. A key with the role admin that is bound to nothing gets everything; any other key gets the entries of one tenant and of what belongs to it.",
      query: auditQuery,
      answers: {
        200: {
          description: "A page of entries.",
          schema: auditPage,
          example: {
            ...{ data: [example], next_cursor: null, prev_cursor: null },
            ...{ searched_to: null, complete: true, kept_for: "400d" },
          },
        },
      },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { tenant: named, limit, cursor, after, before, ...filter } = parseQuery(auditQuery, c.req.url);
      const name = named ?? caller.reach?.tenant;
      if (name === undefined) refusePartial(caller);
      const { tenants } = posthorn.webhooks;
      const tenant = name === undefined ? undefined : await tenantIdSeen(name, caller, tenants);
      const listed = await posthorn.audit.list({
        ...filter,
        tenant,
        ...pageOptions({ limit, cursor }),
        since: momentGiven("after", after),
        until: momentGiven("before", before),
      });
      return json(200, {
        ...searchedView(listed, (entry) => entryView(entry, caller)),
        kept_for: durationText(doctor().retention.auditMs),
      });
    },
  };
}

/** @throws RequestError 403 */
function refusePartial({ reach, actor }: Caller): void {
  if (!reach && actor.role === "admin") return;
  throw new RequestError("this key does not see everything, so the request has to name a tenant: ?tenant=…", {
    status: 403,
    code: "forbidden",
  });
}

/** A key of one tenant does not learn from where others act on it. */
function entryView(entry: AuditRecord, { id, reach }: Caller): AuditEntryAnswer {
  const isOpen = reach?.tenant === undefined || entry.actorId === id;
  // an endpoint's filter is the user's, a bulk run's is not
  const nested = entry.action.startsWith("bulk.") ? ["filter"] : [];
  return {
    id: entry.id,
    at: rfc3339(entry.at),
    actor: entry.actor,
    actor_id: entry.actorId,
    role: entry.role,
    via: entry.via,
    ip: isOpen ? entry.ip : null,
    action: entry.action,
    target: entry.target,
    tenant: entry.tenantId,
    change: changedView(entry.change, nested),
    note: entry.note,
    request_id: isOpen ? entry.requestId : null,
  };
}
