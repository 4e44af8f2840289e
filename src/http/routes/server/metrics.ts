import { CONTENT_TYPES } from "../../../observe/metrics/exposition.ts";
import { formatOf } from "../../../observe/metrics/metrics-text.ts";
import { headerOf } from "../../request/incoming.ts";
import type { Route, Services } from "../../route.ts";

export function metricsRoute({ metrics }: Services): Route {
  return {
    method: "GET",
    path: "/metrics",
    needs: "read",
    scope: "server",
    operation: {
      id: "metrics",
      tag: "Server",
      summary: "Get metrics, for Prometheus and compatible systems",
      description:
        "In OpenMetrics 1.0.0 if Accept asks for it, otherwise in the text format 0.0.4. Each process counts only what it does itself; metrics of the whole database start with posthorn_db_.",
      answers: { 200: { description: "The metrics.", type: "text/plain" } },
      problems: [],
    },
    async handle(c) {
      const format = formatOf(headerOf(c, "accept"));
      return new Response(await metrics().text(format), {
        headers: { "content-type": CONTENT_TYPES[format], "cache-control": "no-store" },
      });
    },
  };
}
