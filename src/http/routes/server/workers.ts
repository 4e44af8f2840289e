import { json } from "../../answer/answer.ts";
import { workerView } from "../../answer/fleet-view.ts";
import type { Route, Services } from "../../route.ts";
import { type WorkerAnswer, workerPage } from "../../schemas/fleet.ts";

const example: WorkerAnswer = {
  worker_id: "wrk_01k9zq3v7n8r2m4w6x8y0z1a3b",
  host: "web-1",
  pid: 4711,
  concurrency: 64,
  slots_held: 0,
  version: "0.1.0",
  draining: false,
  tasks: ["webhook.deliver", "send-receipt"],
  started_at: "2026-01-31T09:00:00.000Z",
  seen_at: "2026-01-31T09:10:00.000Z",
  deadline: "2026-01-31T09:10:30.000Z",
};

export function workersRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/workers",
    needs: "read",
    scope: "server",
    operation: {
      id: "listWorkers",
      tag: "Server",
      summary: "List the workers",
      description:
        "The processes that claim and run jobs. On SQLite an idle worker does not write to the database, so where several share a file, one that has been idle for half a minute may be missing until it has work again.",
      answers: {
        200: {
          description: "The registered workers.",
          schema: workerPage,
          example: { data: [example], next_cursor: null },
        },
      },
      problems: [],
    },
    async handle() {
      const workers = await posthorn.workers();
      return json(200, { data: workers.map(workerView), next_cursor: null });
    },
  };
}
