import { byOf } from "../../access/by.ts";
import { json } from "../../answer/answer.ts";
import { readJsonBody } from "../../request/json-body.ts";
import type { Route, Services } from "../../route.ts";
import { type ErasingAnswer, eraseBody, erasingAnswer } from "../../schemas/tenant.ts";
import { tenantParameter } from "./tenant.ts";

const example: ErasingAnswer = {
  tenant_id: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  events: 412,
  deliveries: 824,
  endpoints: 2,
  keys: 1,
  sessions: 0,
  job_id: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

export function eraseTenantRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: "/tenants/{tenant}/erase",
    needs: "admin",
    scope: "server",
    operation: {
      id: "eraseTenant",
      tag: "Tenants",
      summary: "Erase everything about a tenant",
      description:
        "Deletes the tenant, and has a job permanently erase its events, what its endpoints were sent and answered, the endpoints with their secrets, its keys and sessions. What stays is the fact that there were these deliveries, their endpoints' ids and times, and the audit. Name a tenant that was deleted earlier by its id.",
      parameters: [tenantParameter],
      body: { schema: eraseBody, examples: { "how much there is": { dry_run: true } } },
      answers: {
        200: {
          description: "How much there is; nothing was erased.",
          schema: erasingAnswer,
          example: { ...example, job_id: null },
        },
        202: { description: "The tenant is deleted, and will be erased.", schema: erasingAnswer, example },
      },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      const { body } = await readJsonBody(c, bodies, eraseBody);
      const { tenants } = posthorn.webhooks;
      const dryRun = body.dry_run;
      const { tenantId, jobId, ...counts } = await tenants.erase(
        c.req.param("tenant") ?? "",
        { dryRun },
        byOf(c, caller),
      );
      return json(dryRun ? 200 : 202, {
        tenant_id: tenantId,
        ...counts,
        job_id: jobId,
      } satisfies ErasingAnswer);
    },
  };
}
