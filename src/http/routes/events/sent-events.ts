import type { Context } from "hono";
import type { z } from "zod";
import { NotFoundError } from "../../../core/errors.ts";
import type { Job } from "../../../core/job.ts";
import type { KeptEvent } from "../../../webhooks/events/kept-event.ts";
import type { Caller } from "../../access/permission.ts";
import { plainError } from "../../access/plain-refusals.ts";
import { tenantSeen } from "../../access/reach.ts";
import { pageSeen, requireTypeSeen } from "../../access/types-seen.ts";
import { json } from "../../answer/answer.ts";
import { eventAnswered, listedEventView } from "../../answer/event-view.ts";
import { webhookJobs } from "../../answer/job-place.ts";
import { jobsPage } from "../../answer/jobs-list.ts";
import { pageOptions, searchedView } from "../../answer/listed.ts";
import { payloadsShown } from "../../redaction/payloads-shown.ts";
import type { RedactedAnswers } from "../../redaction/redacted-answers.ts";
import { noteRevealed, revealQuery } from "../../redaction/reveal.ts";
import { soughtBy } from "../../redaction/sought.ts";
import { parseQuery } from "../../request/parse.ts";
import { badQuery } from "../../request/request-error.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import { eventAnswer, eventPage, eventsQuery } from "../../schemas/event.ts";
import { pageQuery } from "../../schemas/queries.ts";
import { pathTenant, tenantParameter } from "../tenants/tenant.ts";
import { EVENTS_PATH } from "./send-event.ts";

export const TENANT_EVENT_PATH = "/tenants/{tenant}/events/{event}";

const eventParameter: Parameter = {
  name: "event",
  in: "path",
  description: "The event's id, from the answer that accepted it.",
  example: "msg_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

export const tenantEventParameters = [
  tenantParameter,
  { ...eventParameter, description: "The event's id, or the event_id that it was sent with." },
];

const example = {
  event_id: "msg_01k9zq3v7n8r2m4w6x8y0z1a3b",
  tenant: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  given_event_id: "invoice-42-paid",
  type: "invoice.paid",
  channels: null,
  tags: null,
  headers: [],
  content_type: "application/json",
  jobs: 3,
  unsent: {
    counts: { type: 1, disabled: 1 },
    named: [{ endpoint_id: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b", reason: "disabled" }],
  },
  run_at: null,
  created_at: "2026-01-31T09:00:00.000Z",
  payload: { id: 42 },
  is_erased: false,
} as const;

const THE_EVENT = { description: "The event.", schema: eventAnswer, example };

export const sentEventRoutes = [sentEventsRoute, sentEventRoute, eventJobsRoute, tenantEventRoute];

function sentEventsRoute({ posthorn, redacted }: Services): Route {
  return {
    method: "GET",
    path: EVENTS_PATH,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "listEvents",
      tag: "Events",
      summary: "List events",
      description: "Those of one tenant, or of all that the key sees: newest first, without their payloads.",
      query: eventsQuery,
      answers: { 200: { description: "A page of events.", schema: eventPage } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { tenant: name, limit, cursor, ...filter } = parseQuery(eventsQuery, c.req.url);
      const holds = filter.text === undefined ? undefined : holdsFor(filter.text, c, caller, redacted);
      const named = name ?? caller.reach?.tenant;
      const page = pageOptions({ limit, cursor });
      const tenant = named === undefined ? null : await tenantSeen(named, caller, posthorn.webhooks.tenants);
      const mode = named === undefined ? caller.reach?.mode : undefined;
      const found = await posthorn.webhooks.events.list(tenant, { ...page, ...filter, mode }, holds);
      return json(200, searchedView(pageSeen(caller, found), listedEventView));
    },
  };
}

/** What a payload has to hold, of what the caller is shown; undefined if that is all of it. */
function holdsFor(
  text: string,
  c: Context,
  caller: Caller,
  redacted: RedactedAnswers,
): ((payload: string) => boolean) | undefined {
  if (caller.capabilities)
    throw badQuery([{ parameter: "text", detail: "cannot be searched for in a portal session" }]);
  const sought = soughtBy(text, payloadsShown(c, caller), redacted);
  if (typeof sought !== "function") return undefined;
  return (payload) => sought({ input: payload, result: null, error: null });
}

function sentEventRoute(services: Services): Route {
  return {
    method: "GET",
    path: `${EVENTS_PATH}/{event}`,
    needs: "read",
    scope: "tenant",
    portal: "view",
    reveals: true,
    operation: {
      id: "getEvent",
      tag: "Events",
      summary: "Get an event",
      parameters: [eventParameter],
      query: revealQuery,
      answers: { 200: THE_EVENT },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(revealQuery, c.req.url);
      return shown(c, caller, query, services, await pathEvent(c, caller, services));
    },
  };
}

function eventJobsRoute(services: Services): Route {
  const { posthorn } = services;
  return {
    method: "GET",
    path: `${EVENTS_PATH}/{event}/jobs`,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "listEventJobs",
      tag: "Events",
      summary: "List an event's deliveries",
      description: "Newest first, in pages.",
      parameters: [eventParameter],
      query: pageQuery,
      answers: { 200: { description: "A page of jobs.", schema: webhookJobs.page } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const page = parseQuery(pageQuery, c.req.url);
      const { id: event, tenantId: tenant } = await pathEvent(c, caller, services);
      const view = (job: Job) => webhookJobs.view({ ...job, error: plainError(caller, job.error) });
      return jobsPage(posthorn, { ...webhookJobs, view }, { event, tenant }, page);
    },
  };
}

function tenantEventRoute(services: Services): Route {
  return {
    method: "GET",
    path: TENANT_EVENT_PATH,
    needs: "read",
    scope: "tenant",
    portal: "view",
    reveals: true,
    operation: {
      id: "getTenantEvent",
      tag: "Events",
      summary: "Get a tenant's event, by its id or by the event_id that it was sent with",
      parameters: tenantEventParameters,
      query: revealQuery,
      answers: { 200: THE_EVENT },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(revealQuery, c.req.url);
      const tenant = await pathTenant(c, caller, services);
      const id = c.req.param("event") ?? "";
      const event = await services.posthorn.webhooks.events.get(id, tenant);
      requireTypeSeen(caller, event.type, "event", id);
      return shown(c, caller, query, services, event);
    },
  };
}

/** If the query gives a reason to show everything, that is recorded first. */
async function shown(
  c: Context,
  caller: Caller,
  query: z.infer<typeof revealQuery>,
  { posthorn: { audit } }: Services,
  event: KeptEvent,
): Promise<Response> {
  const { id, tenantId } = event;
  await noteRevealed(c, caller, query, audit, { kind: "event", id, tenantId });
  return eventAnswered(event);
}

/** @throws NotFoundError also when the caller does not see its tenant. */
async function pathEvent(c: Context, caller: Caller, { posthorn }: Services): Promise<KeptEvent> {
  const id = c.req.param("event") ?? "";
  const { reach } = caller;
  const event = await posthorn.webhooks.events.get(id, reach?.tenant);
  requireTypeSeen(caller, event.type, "event", id);
  if (reach?.mode === undefined) return event;
  await tenantSeen(event.tenantId, caller, posthorn.webhooks.tenants).catch((error: unknown) => {
    throw error instanceof NotFoundError ? new NotFoundError("event", id) : error;
  });
  return event;
}
