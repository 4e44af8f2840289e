import { json } from "../../answer/answer.ts";
import { statsView } from "../../answer/stats-view.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { statsAnswer, statsQuery } from "../../schemas/stats.ts";

export function statsRoute({ statistics }: Services): Route {
  return {
    method: "GET",
    path: "/stats",
    needs: "read",
    scope: "server",
    operation: {
      id: "getStats",
      tag: "Server",
      summary: "Get statistics: how much happens, and how much waits",
      description: "Kept by the minute for two days, and by the hour for 400 days.",
      query: statsQuery,
      answers: { 200: { description: "The statistics.", schema: statsAnswer } },
      problems: [422],
    },
    async handle(c) {
      const { span, task } = parseQuery(statsQuery, c.req.url);
      return json(200, statsView(await statistics().report(span, task)));
    },
  };
}

export function liveStatsRoute({ statStream }: Services): Route {
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-accel-buffering": "no", // nginx would otherwise buffer events
  };
  return {
    method: "GET",
    path: "/stats/live",
    needs: "read",
    scope: "server",
    operation: {
      id: "watchStats",
      tag: "Server",
      summary: "Watch the statistics, by the second",
      description:
        "Server-sent events: once a second, a `tick` with `now` and the latest point, both as in `GET /stats`, of the process that answers.",
      answers: { 200: { description: "The events.", type: "text/event-stream" } },
      problems: [],
    },
    handle(c, caller) {
      // Hono drops the body of an answer to HEAD unread, and would leave a stream that nobody closes
      return new Response(c.req.raw.method === "HEAD" ? null : statStream.open(caller), { headers });
    },
  };
}
