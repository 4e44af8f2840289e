import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import type { ScheduleDefinition } from "../../tasks/schedule.ts";
import type { TaskDefinition } from "../../tasks/task-definition.ts";

/** What a program's modules define. */
export interface Definitions {
  readonly tasks: readonly TaskDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
}

/**
 * The tasks and schedules that modules export: under any name, in lists, or as members of the default export, which is all that
 * a CommonJS module has. One that several modules export is taken once.
 * @throws ConfigurationError for a file that does not exist, cannot be loaded, or exports no task and no schedule.
 */
export async function loadDefinitions(files: readonly string[]): Promise<Definitions> {
  const { TaskDefinition } = await import("../../tasks/task-definition.ts");
  const { ScheduleDefinition } = await import("../../tasks/schedule.ts");
  const tasks = new Set<TaskDefinition>();
  const schedules = new Set<ScheduleDefinition>();
  for (const file of files) {
    const before = tasks.size + schedules.size;
    const exported = exportedBy(await load(file));
    for (const value of exported) {
      if (value instanceof TaskDefinition) tasks.add(value as TaskDefinition);
      else if (value instanceof ScheduleDefinition) schedules.add(value);
      else refuseOtherCopy(file, value);
    }
    if (tasks.size + schedules.size === before && !exported.some(isDefinition)) {
      throw new ConfigurationError(
        `--tasks ${file} exports no task and no schedule; export what posthorn's task("name", { … }) returns`,
      );
    }
  }
  return { tasks: [...tasks], schedules: [...schedules] };
}

async function load(file: string): Promise<Record<string, unknown>> {
  const path = resolve(file);
  if (!existsSync(path)) throw new ConfigurationError(`--tasks ${file}: there is no file ${path}`);
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new ConfigurationError(
      `--tasks ${file} could not be loaded: ${messageOf(cause)}${placeOf(cause)}`,
      {
        cause,
      },
    );
  }
}

function exportedBy(module: Readonly<Record<string, unknown>>): unknown[] {
  const { default: whole } = module;
  const members = typeof whole === "object" && whole !== null && !isDefinition(whole) ? whole : {};
  return [...Object.values(module), ...Object.values(members)].flat(Number.POSITIVE_INFINITY);
}

/** The first line that a stack names: the line of the mistake, if that is in one of the user's modules. */
function placeOf(thrown: unknown): string {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  const [place] = /file:\/\/[^\s()]+:\d+/.exec(stack ?? "") ?? [];
  return place === undefined ? "" : ` (${place})`;
}

/** Two copies of a package have two classes of one name, and neither understands what the other's handlers return. */
function refuseOtherCopy(file: string, value: unknown): void {
  if (!isDefinition(value)) return;
  throw new ConfigurationError(
    `--tasks ${file} uses a different copy of posthorn than the one running; run the one installed next to it: npx posthorn`,
  );
}

function isDefinition(value: unknown): boolean {
  const name = typeof value === "object" && value !== null ? value.constructor?.name : undefined;
  return name === "TaskDefinition" || name === "ScheduleDefinition";
}
