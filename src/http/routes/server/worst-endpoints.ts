import { json } from "../../answer/answer.ts";
import { backlogView, totalsView } from "../../answer/registered-views.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import {
  type FailingEndpointAnswer,
  failingPage,
  type WaitingEndpointAnswer,
  waitingPage,
  worstQuery,
} from "../../schemas/endpoint-list.ts";

const named = {
  endpoint_id: "ep_01k9zq3v7n8r2m4w6x8y0z1a3b",
  tenant: "app_01k9zq3v7n8r2m4w6x8y0z1a3b",
  url: "https://acme.example/hooks",
};
const waiting: WaitingEndpointAnswer = {
  ...named,
  backlog: { running: 32, due: 1_001, held: 0, scheduled: 12, oldest_due_at: "2026-01-31T09:10:00.000Z" },
};
const failing: FailingEndpointAnswer = {
  ...named,
  stats: { succeeded: 1_840, failed: 12, retried: 310, attempt_ms: { p50: 25, p95: 100, p99: 5_000 } },
};

export const worstEndpointRoutes = [backlogsRoute, failingEndpointsRoute];

function backlogsRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/backlogs",
    needs: "read",
    scope: "server",
    operation: {
      id: "listBacklogs",
      tag: "Server",
      summary: "List the endpoints with the longest wait",
      description:
        "The endpoints of all tenants whose oldest due delivery has waited longest, and how much waits for each. Answers are reused for five seconds. With very many lanes, only the first of them are compared.",
      query: worstQuery,
      answers: { 200: { description: "The endpoints.", schema: waitingPage, example: { data: [waiting] } } },
      problems: [422],
    },
    async handle(c) {
      const { limit } = parseQuery(worstQuery, c.req.url);
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

function failingEndpointsRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/failing-endpoints",
    needs: "read",
    scope: "server",
    operation: {
      id: "listFailingEndpoints",
      tag: "Server",
      summary: "List the endpoints with the most failures",
      description:
        "The endpoints of all tenants with the most failed attempts in the current hour and the 23 before it. Each process counts only the thousand endpoints that it was busiest with in an hour. Answers are reused for fifteen seconds.",
      query: worstQuery,
      answers: { 200: { description: "The endpoints.", schema: failingPage, example: { data: [failing] } } },
      problems: [422],
    },
    async handle(c) {
      const { limit } = parseQuery(worstQuery, c.req.url);
      const found = await posthorn.webhooks.endpoints.mostFailing(limit);
      const data = found.map(({ endpointId, tenantId, url, totals }) => ({
        endpoint_id: endpointId,
        tenant: tenantId,
        url,
        stats: totalsView(totals),
      }));
      return json(200, { data });
    },
  };
}
