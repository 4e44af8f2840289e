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
      summary: "Erase a tenant",
      description:
        "Deletes the tenant, and starts a job that permanently erases its events, what was sent to its endpoints and what they answered, the endpoints and their secrets, its keys and its portal sessions. What remains is that there were these deliveries, with their times and their endpoints' ids, and the audit. To erase a tenant that has already been deleted, name it by its id.",
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
