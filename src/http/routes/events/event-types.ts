import { NotFoundError } from "../../../core/errors.ts";
import { byOf } from "../../access/by.ts";
import { seesRegistered } from "../../access/types-seen.ts";
import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../../answer/accept.ts";
import { json, noContent } from "../../answer/answer.ts";
import { listedView, pageOptions } from "../../answer/listed.ts";
import { eventTypeView } from "../../answer/registered-views.ts";
import { readJsonBody } from "../../request/json-body.ts";
import { parseQuery } from "../../request/parse.ts";
import { eventTypeOptions } from "../../request/registered-requests.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import {
  type EventTypeAnswer,
  eventTypeAnswer,
  eventTypeBody,
  eventTypePage,
  eventTypesQuery,
  newEventType,
} from "../../schemas/event-type.ts";

const nameParameter: Parameter = {
  name: "name",
  in: "path",
  description: "The event type's name.",
  example: "invoice.paid",
};

const example: EventTypeAnswer = {
  name: "invoice.paid",
  description: "An invoice was paid in full.",
  schemas: { 1: { type: "object", required: ["id"] } },
  enforce: "refuse",
  is_archived: false,
  is_deprecated: false,
  feature_flags: null,
  group_name: "invoices",
  created_at: "2026-01-31T09:00:00.000Z",
  updated_at: "2026-01-31T09:00:00.000Z",
};

const PATH = "/event-types";
const ONE = `${PATH}/{name}`;
const THE_TYPE = { description: "The event type.", schema: eventTypeAnswer, example };
const ITS_PLACE = { Location: "The path of the event type." };
const GIVEN = {
  description: "An invoice was paid in full.",
  schemas: example.schemas,
  enforce: "refuse",
} as const;

export const eventTypeRoutes = [
  createEventTypeRoute,
  eventTypesRoute,
  eventTypeRoute,
  putEventTypeRoute,
  patchEventTypeRoute,
  deleteEventTypeRoute,
];

function createEventTypeRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: PATH,
    needs: "manage",
    scope: "server",
    operation: {
      id: "createEventType",
      tag: "Events",
      summary: "Register an event type",
      description: "Optional: an event's type need not be registered.",
      parameters: [idempotencyParameter],
      body: { schema: newEventType, examples: { "a type": { name: "invoice.paid", ...GIVEN } } },
      answers: {
        201: { ...THE_TYPE, headers: { ...ITS_PLACE, "Idempotent-Replayed": REPLAYED } },
      },
      problems: [400, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, newEventType);
      const idempotency = idempotencyOf(c, caller, PATH, request.bytes);
      const { eventType, replayed } = await posthorn.webhooks.eventTypes.createOnce(
        { name: request.body.name, ...eventTypeOptions(request) },
        idempotency,
        byOf(c, caller),
      );
      const headers = { location: `${PATH}/${eventType.name}`, ...replayedHeader(replayed) };
      return json(201, eventTypeView(eventType), headers);
    },
  };
}

function eventTypesRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: PATH,
    needs: "read",
    scope: "everyone",
    portal: "view",
    operation: {
      id: "listEventTypes",
      tag: "Events",
      summary: "List event types",
      description: "By name.",
      query: eventTypesQuery,
      answers: { 200: { description: "A page of event types.", schema: eventTypePage } },
      problems: [422],
    },
    async handle(c, caller) {
      const { with_archived, order, ...page } = parseQuery(eventTypesQuery, c.req.url);
      const options = {
        ...pageOptions(page),
        ...(order && { order }),
        withArchived: with_archived === "true",
      };
      const types = await posthorn.webhooks.eventTypes.list(options);
      const data = types.data.filter((type) => seesRegistered(caller, type));
      return json(200, listedView({ ...types, data }, eventTypeView));
    },
  };
}

function eventTypeRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: ONE,
    needs: "read",
    scope: "everyone",
    portal: "view",
    operation: {
      id: "getEventType",
      tag: "Events",
      summary: "Get an event type",
      parameters: [nameParameter],
      answers: { 200: THE_TYPE },
      problems: [404],
    },
    async handle(c, caller) {
      const type = await posthorn.webhooks.eventTypes.get(c.req.param("name") ?? "");
      if (!seesRegistered(caller, type)) throw new NotFoundError("event type", type.name);
      return json(200, eventTypeView(type));
    },
  };
}

function putEventTypeRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "PUT",
    path: ONE,
    needs: "manage",
    scope: "server",
    operation: {
      id: "putEventType",
      tag: "Events",
      summary: "Register or replace an event type",
      parameters: [nameParameter],
      body: { schema: eventTypeBody, examples: { "a type": GIVEN } },
      answers: {
        200: THE_TYPE,
        201: { ...THE_TYPE, description: "The event type, which is new.", headers: ITS_PLACE },
      },
      problems: [400, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, eventTypeBody);
      const name = c.req.param("name") ?? "";
      const { eventType, isNew } = await posthorn.webhooks.eventTypes.put(
        name,
        eventTypeOptions(request),
        byOf(c, caller),
      );
      const view = eventTypeView(eventType);
      return isNew ? json(201, view, { location: `${PATH}/${eventType.name}` }) : json(200, view);
    },
  };
}

function patchEventTypeRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "PATCH",
    path: ONE,
    needs: "manage",
    scope: "server",
    operation: {
      id: "changeEventType",
      tag: "Events",
      summary: "Change an event type",
      parameters: [nameParameter],
      body: { schema: eventTypeBody, examples: { archived: { is_archived: true } } },
      answers: { 200: THE_TYPE },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, bodies, eventTypeBody);
      const name = c.req.param("name") ?? "";
      return json(
        200,
        eventTypeView(
          await posthorn.webhooks.eventTypes.patch(name, eventTypeOptions(request), byOf(c, caller)),
        ),
      );
    },
  };
}

function deleteEventTypeRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "DELETE",
    path: ONE,
    needs: "manage",
    scope: "server",
    operation: {
      id: "deleteEventType",
      tag: "Events",
      summary: "Delete an event type",
      description:
        "Events of this type are still accepted, like events of any unregistered type. To stop delivering them, set is_archived to true instead.",
      parameters: [nameParameter],
      answers: { 204: { description: "The event type was deleted.", type: null } },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      await posthorn.webhooks.eventTypes.delete(c.req.param("name") ?? "", byOf(c, caller));
      return noContent();
    },
  };
}
