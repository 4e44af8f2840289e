import { acceptAnswers, acceptParameters, answerAccepted, idempotencyOf } from "../../answer/accept.ts";
import { taskJobs } from "../../answer/job-place.ts";
import { jsonTextOf, parseJson } from "../../request/json-text.ts";
import { knownTask, taskNameParameter } from "../../request/known-task.ts";
import { parseBody } from "../../request/parse.ts";
import { enqueueOptionsOf, inBody } from "../../request/task-request.ts";
import { traceOf } from "../../request/trace.ts";
import type { Route, Services } from "../../route.ts";
import { taskBody } from "../../schemas/task.ts";

/** How programs in other languages enqueue work. */
export function enqueueRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "POST",
    path: "/tasks/{name}",
    needs: "send",
    accepts: true,
    scope: "server",
    operation: {
      id: "enqueueTask",
      tag: "Tasks",
      summary: "Enqueue a job of a task",
      description:
        "Answers as soon as the job is on disk; a worker that handles the task then runs it, and retries until it succeeds or the attempts are used up. The task's own schema checks the input.",
      parameters: [taskNameParameter, ...acceptParameters],
      body: {
        schema: taskBody,
        examples: {
          "a job": { input: { orderId: "42" } },
          "with options": {
            input: { orderId: "42" },
            options: { key: "receipt:42", delay: "10m", max_attempts: 3, priority: -1 },
          },
        },
      },
      answers: acceptAnswers(taskJobs),
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const task = knownTask(c, posthorn);
      const bytes = await bodies.read(c);
      const body = parseJson(jsonTextOf(c, bytes));
      const idempotency = idempotencyOf(c, caller, `/tasks/${task.name}`, bytes);
      const { input, options } = parseBody(taskBody, body);
      const trace = traceOf(c);
      const given = enqueueOptionsOf(options);
      const accepted = await posthorn.tasks
        .enqueue(task, input, trace ? { ...given, trace } : given, idempotency)
        .catch((error: unknown) => {
          throw inBody(error) ?? error;
        });
      return answerAccepted(c, accepted, taskJobs, services);
    },
  };
}
