import type { RetryRequest } from "../../webhooks/redeliver/retry-request.ts";
import { acceptAnswers, acceptParameters, answerAccepted, idempotencyOf } from "../answer/accept.ts";
import { webhookJobs } from "../answer/job-place.ts";
import { jsonTextOf, parseJson } from "../request/json-text.ts";
import { parseBody } from "../request/parse.ts";
import type { Route, Services } from "../route.ts";
import { retryBody } from "../schemas/retry.ts";

const PATH = "/webhooks/jobs/retry";

export function retryManyRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "POST",
    path: PATH,
    needs: "send",
    operation: {
      id: "retryJobs",
      tag: "Webhooks",
      summary: "Retry all jobs that fit a filter",
      description:
        "However many they are, a job of its own queues them again in the background; its result says how many.",
      parameters: acceptParameters,
      body: {
        schema: retryBody,
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
      const bytes = await bodies.read(c);
      const given = parseJson(jsonTextOf(c, bytes));
      const idempotency = idempotencyOf(c, caller, PATH, bytes);
      const { status, target_url, created_from, created_before } = parseBody(retryBody, given);
      const filter: RetryRequest = {
        ...(status === undefined ? {} : { status }),
        ...(target_url === undefined ? {} : { targetUrl: target_url }),
        ...(created_from === undefined ? {} : { createdFrom: created_from }),
        ...(created_before === undefined ? {} : { createdBefore: created_before }),
      };
      const accepted = await posthorn.webhooks.retryMany(filter, idempotency);
      return answerAccepted(c, accepted, webhookJobs, services);
    },
  };
}
