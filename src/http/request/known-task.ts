import type { Context } from "hono";
import type { TaskDefinition } from "../../tasks/task-definition.ts";
import type { Facade } from "../facade.ts";
import type { Parameter } from "../route.ts";
import { RequestError } from "./request-error.ts";

export const taskNameParameter: Parameter = {
  name: "name",
  in: "path",
  description: "The task's name, as it was defined.",
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
  throw new RequestError(`no task has the name ${JSON.stringify(name)} here; ${thereAre(tasks.list())}`, {
    status: 404,
    code: "task_not_found",
  });
}

function thereAre(tasks: readonly TaskDefinition[]): string {
  if (tasks.length === 0)
    return "none is known here. The server loads those that a file exports: posthorn serve --tasks FILE";
  const named = tasks.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = tasks.length > named.length ? `, and ${tasks.length - named.length} more` : "";
  return `there ${tasks.length === 1 ? "is" : "are"} ${named.join(", ")}${more}`;
}
