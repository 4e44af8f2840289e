import type { By } from "../../../core/actor.ts";
import type { Accepted, Idempotency } from "../../../engine/intake/intake.ts";
import type { RedeliverRequest } from "../../../webhooks/redeliver/redeliver-request.ts";
import { byOf } from "../../access/by.ts";
import { acceptAnswers, acceptParameters, answerAccepted, idempotencyOf } from "../../answer/accept.ts";
import { webhookJobs } from "../../answer/job-place.ts";
import { jsonTextOf, parseJson } from "../../request/json-text.ts";
import { parseBody } from "../../request/parse.ts";
import type { Operation, Route, Services } from "../../route.ts";
import { redeliverBody } from "../../schemas/redeliver.ts";

export function redeliverManyRoute(services: Services): Route {
  const { webhooks } = services.posthorn;
  const told = {
    id: "redeliverJobs",
    summary: "Redeliver webhooks that match a filter",
    description: "A background job re-queues all of them, however many there are; its result says how many.",
  };
  return routeAt("/webhooks/jobs/redeliver", services, told, (...given) => webhooks.redeliverMany(...given));
}

/** The former name of the route above. */
export function retryManyRoute(services: Services): Route {
  const { webhooks } = services.posthorn;
  const told = {
    id: "retryJobs",
    summary: "Redeliver webhooks that match a filter (old name)",
    description: "Use /webhooks/jobs/redeliver instead.",
    deprecated: true,
  } as const;
  return routeAt("/webhooks/jobs/retry", services, told, (...given) => webhooks.retryMany(...given));
}

type Told = Pick<Operation, "id" | "summary" | "deprecated" | "description">;

function routeAt(
  path: string,
  services: Services,
  told: Told,
  accept: (filter: RedeliverRequest, idempotency: Idempotency | undefined, by: By) => Promise<Accepted>,
): Route {
  return {
    method: "POST",
    path,
    needs: "send",
    scope: "server",
    operation: {
      ...told,
      tag: "Webhooks",
      parameters: acceptParameters,
      body: {
        schema: redeliverBody,
        examples: {
          "all that failed": {},
          "those of one target": {
            target_url: "https://example.com/hooks",
            created_from: "2030-01-31T09:00:00Z",
          },
        },
      },
      answers: acceptAnswers(webhookJobs),
      problems: [400, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const bytes = await services.bodies.read(c);
      const given = parseJson(jsonTextOf(c, bytes));
      const idempotency = idempotencyOf(c, caller, path, bytes);
      const { status, target_url, created_from, created_before } = parseBody(redeliverBody, given);
      const filter: RedeliverRequest = {
        ...(status === undefined ? {} : { status }),
        ...(target_url === undefined ? {} : { targetUrl: target_url }),
        ...(created_from === undefined ? {} : { createdFrom: created_from }),
        ...(created_before === undefined ? {} : { createdBefore: created_before }),
      };
      return answerAccepted(c, await accept(filter, idempotency, byOf(c, caller)), webhookJobs, services);
    },
  };
}
