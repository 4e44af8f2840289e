import type { EndpointSecretView } from "../../../webhooks/endpoints/endpoint-keys.ts";
import type { EndpointChange } from "../../../webhooks/endpoints/endpoints.ts";
import { byOf } from "../../access/by.ts";
import type { Caller } from "../../access/permission.ts";
import { plainError } from "../../access/plain-refusals.ts";
import { typesSeenOf } from "../../access/types-seen.ts";
import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../../answer/accept.ts";
import { json } from "../../answer/answer.ts";
import { changeView } from "../../answer/registered-views.ts";
import { jsonBodyOf } from "../../request/json-body.ts";
import type { Route, Services } from "../../route.ts";
import { historyAnswer, rotateBody, secretAnswer } from "../../schemas/endpoint.ts";
import { durationGiven } from "../../schemas/times.ts";
import { pathTenant } from "../tenants/tenant.ts";
import { ENDPOINT_PATH, endpointParameters, ownActor, pathEndpoint, requireOwnEndpoint } from "./endpoint.ts";

const THE_SECRET = {
  description: "The secret.",
  schema: secretAnswer,
  example: { secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" },
};

export function secretRoute(services: Services): Route {
  return {
    method: "GET",
    path: `${ENDPOINT_PATH}/secret`,
    needs: "manage",
    scope: "tenant",
    portal: "secrets",
    operation: {
      id: "getEndpointSecret",
      tag: "Tenants",
      summary: "Show the secret that signs an endpoint's deliveries",
      parameters: endpointParameters,
      answers: { 200: THE_SECRET },
      problems: [404],
    },
    async handle(c, caller) {
      const tenant = await pathTenant(c, caller, services);
      return json(
        200,
        secretView(
          await services.posthorn.webhooks.endpoints.secret(tenant, pathEndpoint(c), byOf(c, caller)),
        ),
      );
    },
  };
}

export function rotateSecretRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "POST",
    path: `${ENDPOINT_PATH}/secret/rotate`,
    needs: "manage",
    scope: "tenant",
    portal: "secrets",
    operation: {
      id: "rotateEndpointSecret",
      tag: "Tenants",
      summary: "Sign an endpoint's deliveries with another secret",
      description:
        "The old secret also signs for a while (`overlap`), so that receivers can switch to the new one.",
      parameters: [...endpointParameters, idempotencyParameter],
      body: { schema: rotateBody, examples: { "a secret of ours": {}, "at once": { overlap: "0s" } } },
      answers: {
        200: {
          ...THE_SECRET,
          description: "The new secret.",
          headers: { "Idempotent-Replayed": REPLAYED },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const bytes = await bodies.read(c);
      const { secret, overlap } = bytes.byteLength === 0 ? {} : jsonBodyOf(c, bytes, rotateBody).body;
      const tenant = await pathTenant(c, caller, services);
      await requireOwnEndpoint(c, caller, services, tenant, "rotate its secret");
      const options = {
        ...(secret !== undefined && { secret }),
        ...(overlap !== undefined && { overlap: durationGiven(overlap) }),
      };
      const endpoint = pathEndpoint(c);
      const idempotency = idempotencyOf(
        c,
        caller,
        `/tenants/${tenant}/endpoints/${endpoint}/secret/rotate`,
        bytes,
      );
      const { endpoints } = posthorn.webhooks;
      const made = await endpoints.rotateSecret(tenant, endpoint, options, byOf(c, caller), idempotency);
      return json(200, secretView(made), replayedHeader(made.replayed));
    },
  };
}

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
      const shown = caller.capabilities
        ? changes.map((made) => ({
            ...{ ...made, actor: ownActor(made.actor), reason: plainError(caller, made.reason) },
            change: changeSeen(caller, made.change),
          }))
        : changes;
      return json(200, { data: shown.map(changeView), next_cursor: null, prev_cursor: null });
    },
  };
}

function changeSeen(caller: Caller, change: EndpointChange["change"]): EndpointChange["change"] {
  const { eventTypes, statusReason } = change;
  // as `changesOf` writes them
  const types = (eventTypes ?? []) as readonly (readonly string[] | null)[];
  const reasons = (statusReason ?? []) as readonly (string | null)[];
  return {
    ...change,
    ...(eventTypes && { eventTypes: pairOf(types, (patterns) => typesSeenOf(caller, patterns)) }),
    ...(statusReason && { statusReason: pairOf(reasons, (reason) => plainError(caller, reason)) }),
  };
}

function pairOf<Value>(
  [was = null, is = null]: readonly (Value | null)[],
  seen: (value: Value | null) => unknown,
): EndpointChange["change"][string] {
  return [seen(was), seen(is)];
}

function secretView({ secret, publicKey }: EndpointSecretView) {
  return { secret, ...(publicKey !== undefined && { public_key: publicKey }) };
}
