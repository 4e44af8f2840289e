import { byOf } from "../../access/by.ts";
import { requireTypeSeen } from "../../access/types-seen.ts";
import {
  acceptAnswers,
  idempotencyOf,
  idempotencyParameter,
  REPLAYED,
  replayedHeader,
} from "../../answer/accept.ts";
import { queued } from "../../answer/answer.ts";
import { webhookJobs } from "../../answer/job-place.ts";
import type { Route, Services } from "../../route.ts";
import { pathTenant } from "../tenants/tenant.ts";
import { pathEndpoint } from "./endpoint.ts";
import { EVENT_AT_ENDPOINT_PATH, eventAtEndpointParameters } from "./endpoint-unsent.ts";

/** Unlike `…/redeliver` of a job, it does not matter how earlier deliveries ended. */
export function redeliverEventRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "POST",
    path: `${EVENT_AT_ENDPOINT_PATH}/redeliver`,
    needs: "send",
    scope: "tenant",
    portal: "retry",
    operation: {
      id: "redeliverEvent",
      tag: "Tenants",
      summary: "Redeliver an event to an endpoint",
      description:
        "Creates a new delivery with the same webhook-id, whatever the outcome of earlier ones, and even if the endpoint does not ask for such events. 409 once the event's payload is gone.",
      parameters: [...eventAtEndpointParameters, idempotencyParameter],
      answers: {
        202: {
          ...acceptAnswers(webhookJobs)[202],
          description: "The delivery is queued.",
          headers: { Location: "The path of the job.", "Idempotent-Replayed": REPLAYED },
        },
      },
      problems: [400, 404, 409, 413, 415, 422, 429],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const tenant = await pathTenant(c, caller, services);
      const { webhooks } = posthorn;
      const { id, type } = await webhooks.events.get(c.req.param("event") ?? "", tenant);
      requireTypeSeen(caller, type, "event", id);
      const idempotency = idempotencyOf(c, caller, c.req.path, new Uint8Array());
      const options = { idempotency, ...byOf(c, caller) };
      const { jobId, replayed } = await webhooks.redeliver(tenant, id, pathEndpoint(c), options);
      return queued(webhookJobs.path, jobId, replayedHeader(replayed));
    },
  };
}
