import { NOT_A_CURSOR } from "../../../engine/lists.ts";
import type { EventAtEndpoint } from "../../../webhooks/endpoints/unsent-events.ts";
import { json } from "../../answer/answer.ts";
import { listedView, pageOptions } from "../../answer/listed.ts";
import { rfc3339 } from "../../answer/rfc3339.ts";
import { parseQuery } from "../../request/parse.ts";
import { badQuery } from "../../request/request-error.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import {
  type EventAtEndpointAnswer,
  eventAtEndpoint,
  unsentPage,
  unsentQuery,
} from "../../schemas/unsent.ts";
import { pathTenant } from "../tenants/tenant.ts";
import { ENDPOINT_PATH, endpointParameters, pathEndpoint } from "./endpoint.ts";

const example: EventAtEndpointAnswer = {
  event_id: "msg_01k9zq3v7n8r2m4w6x8y0z1a3b",
  given_event_id: "invoice-42-paid",
  type: "invoice.paid",
  created_at: "2026-01-31T09:00:00.000Z",
  reason: "disabled",
  job_id: null,
};

export const EVENT_AT_ENDPOINT_PATH = `${ENDPOINT_PATH}/events/{event}`;

export const eventAtEndpointParameters: readonly Parameter[] = [
  ...endpointParameters,
  {
    name: "event",
    in: "path",
    description: "The event's id, or the event_id that it was sent with.",
    example: example.event_id,
  },
];

export const unsentRoutes = [unsentRoute, eventAtEndpointRoute];

function unsentRoute(services: Services): Route {
  return {
    method: "GET",
    path: `${ENDPOINT_PATH}/unsent`,
    needs: "read",
    scope: "tenant",
    operation: {
      id: "listUnsent",
      tag: "Tenants",
      summary: "List the events that an endpoint did not get, and why",
      description:
        "Newest first. Each page examines at most 250 events. An event that was sent to it later, for example by a replay, is not listed.",
      parameters: endpointParameters,
      query: unsentQuery,
      answers: { 200: { description: "A page of events.", schema: unsentPage } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { cursor, limit, reason: reasons, ...filter } = parseQuery(unsentQuery, c.req.url);
      const { after, before } = pageOptions({ limit, cursor });
      if (before !== undefined) throw badQuery([{ parameter: "cursor", detail: NOT_A_CURSOR }]);
      const tenant = await pathTenant(c, caller, services);
      const { endpoints } = services.posthorn.webhooks;
      const page = { ...filter, reasons, limit, after };
      const { data, nextCursor, searchedTo } = await endpoints.unsent(tenant, pathEndpoint(c), page);
      const { prev_cursor: _, ...shown } = listedView({ data, nextCursor, prevCursor: null }, view);
      return json(200, {
        ...shown,
        searched_to: searchedTo && rfc3339(searchedTo),
        complete: nextCursor === null || data.length === limit,
      });
    },
  };
}

function eventAtEndpointRoute(services: Services): Route {
  return {
    method: "GET",
    path: EVENT_AT_ENDPOINT_PATH,
    needs: "read",
    scope: "tenant",
    operation: {
      id: "getEventAtEndpoint",
      tag: "Tenants",
      summary: "Get whether an endpoint got an event, and if not, why",
      description: "Its newest delivery to the endpoint, or why there is none.",
      parameters: eventAtEndpointParameters,
      answers: { 200: { description: "Whether it got it.", schema: eventAtEndpoint, example } },
      problems: [404],
    },
    async handle(c, caller) {
      const tenant = await pathTenant(c, caller, services);
      const { endpoints } = services.posthorn.webhooks;
      return json(200, view(await endpoints.eventAt(tenant, pathEndpoint(c), c.req.param("event") ?? "")));
    },
  };
}

function view({
  eventId,
  givenEventId,
  type,
  createdAt,
  reason,
  jobId,
}: EventAtEndpoint): EventAtEndpointAnswer {
  return {
    ...{ event_id: eventId, given_event_id: givenEventId, type, created_at: rfc3339(createdAt) },
    ...{ reason, job_id: jobId },
  };
}
