import { json } from "../../answer/answer.ts";
import { backlogView } from "../../answer/registered-views.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { type WaitingEndpointAnswer, waitingPage, waitingQuery } from "../../schemas/endpoint-list.ts";

const example: WaitingEndpointAnswer = {
  endpoint_id: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
  tenant: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  url: "https://acme.example/hooks",
  backlog: { running: 32, due: 1_001, held: 0, scheduled: 12, oldest_due_at: "2026-01-31T09:10:00.000Z" },
};

export function backlogsRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/backlogs",
    needs: "read",
    scope: "server",
    operation: {
      id: "listBacklogs",
      tag: "Server",
      summary: "List the endpoints that wait longest",
      description:
        "The endpoints, of all tenants, whose oldest due delivery has waited longest, and what waits for each. What was found holds for five seconds. With very many lanes, only the first of them are compared.",
      query: waitingQuery,
      answers: { 200: { description: "The endpoints.", schema: waitingPage, example: { data: [example] } } },
      problems: [422],
    },
    async handle(c) {
      const { limit } = parseQuery(waitingQuery, c.req.url);
      const found = await posthorn.webhooks.endpoints.waitingLongest(limit);
      const data = found.map(({ endpointId, tenantId, url, backlog }) => ({
        endpoint_id: endpointId,
        tenant: tenantId,
        url,
        backlog: backlogView(backlog),
      }));
      return json(200, { data });
    },
  };
}
