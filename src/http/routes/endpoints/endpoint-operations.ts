import type { Context } from "hono";
import type { z } from "zod";
import type { By } from "../../../core/actor.ts";
import type { Trial } from "../../../webhooks/endpoints/endpoint-trial.ts";
import { TEST_TYPE } from "../../../webhooks/endpoints/endpoint-trial.ts";
import type { RegisteredEndpoint } from "../../../webhooks/endpoints/registered-endpoint.ts";
import { byOf } from "../../access/by.ts";
import type { Caller } from "../../access/permission.ts";
import { plainError } from "../../access/plain-refusals.ts";
import { requireChoice } from "../../access/types-seen.ts";
import { json } from "../../answer/answer.ts";
import { healthView } from "../../answer/registered-views.ts";
import { endpointStatsView } from "../../answer/stats-view.ts";
import type { Facade } from "../../facade.ts";
import { jsonBodyOf, memberText } from "../../request/json-body.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { endpointAnswer } from "../../schemas/endpoint.ts";
import { healthAnswer } from "../../schemas/endpoint-health.ts";
import {
  reasonBody,
  stopBody,
  type TrialAnswer,
  trialAnswer,
  trialBody,
} from "../../schemas/endpoint-operations.ts";
import { endpointStatsAnswer, endpointStatsQuery } from "../../schemas/stats.ts";
import { pathTenant } from "../tenants/tenant.ts";
import {
  ENDPOINT_PATH,
  endpointExample,
  endpointParameters,
  endpointSeen,
  pathEndpoint,
  requireOwnEndpoint,
} from "./endpoint.ts";

interface Operation<Body extends { readonly reason?: string | undefined }> {
  readonly name: "pause" | "resume" | "enable" | "disable" | "verify";
  readonly summary: string;
  readonly description: string;
  readonly schema: z.ZodType<Body>;
  run(
    endpoints: Facade["webhooks"]["endpoints"],
    place: readonly [tenant: string, endpoint: string],
    body: Body,
    by: By,
  ): Promise<RegisteredEndpoint>;
}

const stop = ({ queued }: z.infer<typeof stopBody>) => (queued === undefined ? {} : { queued });

const pauseRoute = operationRoute({
  name: "pause",
  summary: "Pause an endpoint",
  description: "Until it is resumed, nothing is sent to it, and its events wait. 409 if it is disabled.",
  schema: stopBody,
  run: (endpoints, [tenant, endpoint], body, by) => endpoints.pause(tenant, endpoint, stop(body), by),
});

const resumeRoute = operationRoute({
  name: "resume",
  summary: "Resume an endpoint",
  description: "Its waiting deliveries are sent, a few at first. 409 if it is disabled.",
  schema: reasonBody,
  run: (endpoints, [tenant, endpoint], _, by) => endpoints.resume(tenant, endpoint, by),
});

const disableRoute = operationRoute({
  name: "disable",
  summary: "Disable an endpoint",
  description: "It gets no new events; its queued deliveries wait until it is enabled.",
  schema: stopBody,
  run: (endpoints, [tenant, endpoint], body, by) => endpoints.disable(tenant, endpoint, stop(body), by),
});

const enableRoute = operationRoute({
  name: "enable",
  summary: "Enable an endpoint",
  description:
    "It gets events again, and its waiting deliveries are sent, a few at first. Its count of failures starts again. 409 if it is paused.",
  schema: reasonBody,
  run: (endpoints, [tenant, endpoint], _, by) => endpoints.enable(tenant, endpoint, by),
});

const verifyRoute = operationRoute({
  name: "verify",
  summary: "Verify an endpoint",
  description:
    "Asks the endpoint to confirm that it wants events; the outcome is in its `verification`. 409 if it has none.",
  schema: reasonBody,
  run: (endpoints, [tenant, endpoint], _, by) => endpoints.verify(tenant, endpoint, by),
});

/** What can be done with an endpoint besides changing it. */
export const endpointOperationRoutes = [
  pauseRoute,
  resumeRoute,
  disableRoute,
  enableRoute,
  verifyRoute,
  testEndpointRoute,
  endpointHealthRoute,
  endpointStatsRoute,
];

function operationRoute<Body extends { readonly reason?: string | undefined }>(
  operation: Operation<Body>,
): (services: Services) => Route {
  const { name, summary, description, schema } = operation;
  return (services) => ({
    method: "POST",
    path: `${ENDPOINT_PATH}/${name}`,
    needs: "manage",
    scope: "tenant",
    portal: "endpoints",
    operation: {
      id: `${name}Endpoint`,
      tag: "Tenants",
      summary,
      description,
      parameters: endpointParameters,
      body: { schema, examples: { "a reason": { reason: "their maintenance window" } } },
      answers: {
        200: { description: "The endpoint, as changed.", schema: endpointAnswer, example: endpointExample },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const { body } = await bodyOf(c, services, schema);
      const tenant = await pathTenant(c, caller, services);
      await requireOwnEndpoint(c, caller, services, tenant, `${name} it`);
      const { endpoints } = services.posthorn.webhooks;
      const changed = await operation.run(
        endpoints,
        [tenant, pathEndpoint(c)],
        body,
        byOf(c, caller, body.reason),
      );
      return json(200, endpointSeen(caller, changed));
    },
  });
}

function testEndpointRoute(services: Services): Route {
  return {
    method: "POST",
    path: `${ENDPOINT_PATH}/test`,
    needs: "manage",
    scope: "tenant",
    portal: "test",
    operation: {
      id: "testEndpoint",
      tag: "Tenants",
      summary: "Send an example event to an endpoint",
      description:
        "Sent at once and signed like any delivery, whatever the endpoint's status. It counts neither as a success nor as a failure.",
      parameters: endpointParameters,
      body: { schema: trialBody, examples: { "an invoice": { type: "invoice.paid", payload: { id: 42 } } } },
      answers: {
        200: {
          description: "What came back.",
          schema: trialAnswer,
          example: {
            succeeded: true,
            event_id: "msg_01k9zq3v7n8r2m4w6x8y0z1a3b",
            type: "invoice.paid",
            http_status: 200,
            excerpt: "ok",
            error: null,
            duration_ms: 48,
          },
        },
      },
      problems: [400, 404, 413, 415, 422, 429],
    },
    async handle(c, caller) {
      const { body, text } = await bodyOf(c, services, trialBody);
      const tenant = await pathTenant(c, caller, services);
      const payload = memberText(text, "payload");
      const type = typeToTry(caller, body.type);
      const options = {
        ...(type !== undefined && { type }),
        ...(payload !== undefined && { payload }),
      };
      const { endpoints } = services.posthorn.webhooks;
      const trial = await endpoints.test(tenant, pathEndpoint(c), options, byOf(c, caller));
      return json(200, trialView({ ...trial, error: plainError(caller, trial.error) }));
    },
  };
}

function endpointHealthRoute(services: Services): Route {
  return {
    method: "GET",
    path: `${ENDPOINT_PATH}/health`,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "getEndpointHealth",
      tag: "Tenants",
      summary: "Get an endpoint's health",
      parameters: endpointParameters,
      answers: {
        200: {
          description: "Its health.",
          schema: healthAnswer,
          example: {
            breaker: "open",
            failures: 12,
            failing_since: "2026-01-31T09:00:00.000Z",
            opened_at: "2026-01-31T09:01:00.000Z",
            next_probe_at: "2026-01-31T09:05:00.000Z",
            last_success_at: null,
            last_failure_at: "2026-01-31T09:03:00.000Z",
            last_error: "HTTP 500 from acme.example",
          },
        },
      },
      problems: [404],
    },
    async handle(c, caller) {
      const tenant = await pathTenant(c, caller, services);
      const health = await services.posthorn.webhooks.endpoints.health(tenant, pathEndpoint(c));
      return json(200, healthView({ ...health, lastError: plainError(caller, health.lastError) }));
    },
  };
}

/**
 * An endpoint may ask for types that a session of the portal does not see: without one named, that gets no real type.
 * @throws RequestError 422 for a type that the caller does not see.
 */
function typeToTry(caller: Caller, asked: string | undefined): string | undefined {
  if (asked !== undefined) requireChoice(caller, [asked], "type");
  return caller.eventTypes ? (asked ?? TEST_TYPE) : asked;
}

function endpointStatsRoute(services: Services): Route {
  return {
    method: "GET",
    path: `${ENDPOINT_PATH}/stats`,
    needs: "read",
    scope: "tenant",
    portal: "view",
    operation: {
      id: "getEndpointStats",
      tag: "Tenants",
      summary: "Get how an endpoint's deliveries went, by the hour",
      description:
        "Oldest first; the last hour is not over yet. Recorded a moment after each delivery, for the thousand endpoints that a process was busiest with in that hour.",
      parameters: endpointParameters,
      query: endpointStatsQuery,
      answers: { 200: { description: "The statistics.", schema: endpointStatsAnswer } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(endpointStatsQuery, c.req.url);
      const tenant = await pathTenant(c, caller, services);
      const { endpoints } = services.posthorn.webhooks;
      await requireOwnEndpoint(c, caller, services, tenant, "see its statistics, which count all of them");
      return json(200, endpointStatsView(await endpoints.stats(tenant, pathEndpoint(c), query)));
    },
  };
}

/** An empty body is one without members. */
async function bodyOf<Body>(c: Context, { bodies }: Services, schema: z.ZodType<Body>) {
  const bytes = await bodies.read(c);
  return bytes.byteLength === 0 ? { body: schema.parse({}), text: "{}" } : jsonBodyOf(c, bytes, schema);
}

function trialView({ succeeded, eventId, type, code, excerpt, error, duration }: Trial): TrialAnswer {
  return { succeeded, event_id: eventId, type, http_status: code, excerpt, error, duration_ms: duration };
}
