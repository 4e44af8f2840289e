import type { EndpointSecretView } from "../../../webhooks/endpoints/endpoint-keys.ts";
import { byOf } from "../../access/by.ts";
import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../../answer/accept.ts";
import { json } from "../../answer/answer.ts";
import { jsonBodyOf } from "../../request/json-body.ts";
import type { Route, Services } from "../../route.ts";
import { rotateBody, secretAnswer } from "../../schemas/endpoint.ts";
import { durationGiven } from "../../schemas/times.ts";
import { pathTenant } from "../tenants/tenant.ts";
import { ENDPOINT_PATH, endpointParameters, pathEndpoint, requireOwnEndpoint } from "./endpoint.ts";

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
      summary: "Get an endpoint's secret",
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
      summary: "Rotate an endpoint's secret",
      description:
        "For a while (`overlap`), deliveries are signed with both the old and the new secret, so that the receiver can switch over.",
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

function secretView({ secret, publicKey }: EndpointSecretView) {
  return { secret, ...(publicKey !== undefined && { public_key: publicKey }) };
}
