import { ConfigurationError } from "../../core/errors.ts";
import { taskView } from "../../http/answer/task-view.ts";
import type { TaskAnswer } from "../../http/schemas/task.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownSpan } from "../terminal/table.ts";
import { loadDefinitions } from "./task-files.ts";

export interface ListTasksOptions extends GlobalOptions {
  readonly tasks: readonly string[];
}

/** Prints the tasks of modules, by name. */
export async function listTasks(options: ListTasksOptions, io: Io): Promise<void> {
  if (options.tasks.length === 0) {
    throw new ConfigurationError("say which module exports the tasks: --tasks <file> (POSTHORN_TASKS)");
  }
  const { tasks } = await loadDefinitions(options.tasks);
  const views = tasks.map(taskView).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (options.json) printJson(io.stdout, { data: views });
  else printTable(io.stdout, ["TASK", "ATTEMPTS", "TIMEOUT", "INPUT"], views.map(row));
}

function row({ name, options, input_schema }: TaskAnswer): string[] {
  return [
    name,
    String(options.max_attempts),
    shownSpan(options.timeout_ms),
    input_schema ? fieldsOf(input_schema) : "",
  ];
}

/** `orderId, note?` for an object; for anything else its type. */
function fieldsOf({ type, properties, required }: Record<string, unknown>): string {
  if (typeof properties !== "object" || properties === null) return typeof type === "string" ? type : "";
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.keys(properties)
    .map((name) => (needed.includes(name) ? name : `${name}?`))
    .join(", ");
}
