import type { Context } from "hono";
import type { TaskDefinition } from "../../tasks/task-definition.ts";
import type { Facade } from "../facade.ts";
import type { Parameter } from "../route.ts";
import { RequestError } from "./request-error.ts";

export const taskNameParameter: Parameter = {
  name: "name",
  in: "path",
  description: "The task's name.",
  example: "send-receipt",
};

const MOST_NAMED = 20;

/**
 * The task that the path names.
 * @throws RequestError 404 that lists the known ones.
 */
export function knownTask(c: Context, { tasks }: Facade): TaskDefinition {
  const name = c.req.param("name") ?? "";
  const task = tasks.find(name);
  if (task) return task;
  throw new RequestError(`unknown task ${JSON.stringify(name)}; ${known(tasks.list())}`, {
    status: 404,
    code: "task_not_found",
  });
}

function known(tasks: readonly TaskDefinition[]): string {
  if (tasks.length === 0)
    return "this server has no tasks. It loads those that a module exports: posthorn serve --tasks <file>";
  const named = tasks.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = tasks.length > named.length ? `, and ${tasks.length - named.length} more` : "";
  return `available: ${named.join(", ")}${more}`;
}
