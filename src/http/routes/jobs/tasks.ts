import { json } from "../../answer/answer.ts";
import { taskView } from "../../answer/task-view.ts";
import { knownTask, taskNameParameter } from "../../request/known-task.ts";
import type { Route, Services } from "../../route.ts";
import { type TaskAnswer, taskAnswer, taskPage } from "../../schemas/task.ts";

const example: TaskAnswer = {
  name: "send-receipt",
  options: {
    max_attempts: 5,
    retry_delays_ms: [5_000, 10_000, 20_000, 40_000],
    retry_jitter: 0.2,
    timeout_ms: 30_000,
    delay_ms: 0,
    priority: 0,
    lane_concurrency: null,
    lane_rate: null,
    retention_ms: null,
  },
  input_schema: {
    type: "object",
    properties: { orderId: { type: "string" } },
    required: ["orderId"],
  },
};

export function tasksRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/tasks",
    needs: "read",
    scope: "server",
    operation: {
      id: "listTasks",
      tag: "Tasks",
      summary: "List tasks",
      answers: {
        200: {
          description: "All tasks, by name.",
          schema: taskPage,
          example: { data: [example], next_cursor: null },
        },
      },
      problems: [],
    },
    handle: () => json(200, { data: posthorn.tasks.list().map(taskView), next_cursor: null }),
  };
}

export function taskRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/tasks/{name}",
    needs: "read",
    scope: "server",
    operation: {
      id: "getTask",
      tag: "Tasks",
      summary: "Get a task: its options, and the schema of its input",
      parameters: [taskNameParameter],
      answers: { 200: { description: "The task.", schema: taskAnswer, example } },
      problems: [404],
    },
    handle: (c) => json(200, taskView(knownTask(c, posthorn))),
  };
}
