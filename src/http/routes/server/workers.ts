import { byOf } from "../../access/by.ts";
import { json } from "../../answer/answer.ts";
import { workerView } from "../../answer/fleet-view.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import { type WorkerAnswer, workerAnswer, workerPage } from "../../schemas/fleet.ts";

const example: WorkerAnswer = {
  worker_id: "wrk_01k9zq3v7n8r2m4w6x8y0z1a3b",
  host: "web-1",
  pid: 4711,
  concurrency: 64,
  slots_held: 0,
  running: 12,
  claims_per_second: 86.4,
  loop_delay_ms: 3,
  reported_at: "2026-01-31T09:10:00.000Z",
  version: "0.1.0",
  draining: false,
  drain_asked_at: null,
  tasks: ["webhook.deliver", "send-receipt"],
  started_at: "2026-01-31T09:00:00.000Z",
  seen_at: "2026-01-31T09:10:00.000Z",
  deadline: "2026-01-31T09:10:30.000Z",
};

export const workerRoutes = [workersRoute, drainWorkerRoute];

function workersRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/workers",
    needs: "read",
    scope: "server",
    operation: {
      id: "listWorkers",
      tag: "Server",
      summary: "List workers",
      description:
        "The processes that claim and run jobs. On SQLite, an idle worker does not write to the database: where several share a file, one that has been idle for half a minute may be missing until it has work again.",
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

const workerParameter: Parameter = {
  name: "worker",
  in: "path",
  description: "The worker's id, as GET /workers lists it.",
  example: example.worker_id,
};

function drainWorkerRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: "/workers/{worker}/drain",
    needs: "admin",
    scope: "server",
    operation: {
      id: "drainWorker",
      tag: "Server",
      summary: "Drain a worker",
      description:
        "Asks a worker, in any process, to claim no more jobs. It stops claiming within five seconds, and finishes the jobs that it runs, however long they take. Its process keeps running, and a server still answers requests. Draining cannot be undone: restart the process to have it work again.",
      parameters: [workerParameter],
      answers: {
        200: {
          description: "The worker. `draining` becomes true once it has noticed.",
          schema: workerAnswer,
          example: { ...example, drain_asked_at: "2026-01-31T09:10:02.000Z" },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const worker = await posthorn.drainWorker(c.req.param("worker") ?? "", byOf(c, caller));
      return json(200, workerView(worker));
    },
  };
}
