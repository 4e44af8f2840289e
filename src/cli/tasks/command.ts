import { Command } from "commander";
import { tasksSetting } from "../serve/work-settings.ts";
import { invocation } from "../terminal/invocation.ts";
import type { Io } from "../terminal/io.ts";
import { type ListTasksOptions, listTasks } from "./list.ts";

/** `posthorn tasks …` */
export function tasksCommand(io: Io): Command {
  return new Command("tasks")
    .summary("list the tasks of a module and their input")
    .description("Reads modules like `serve --tasks`, but runs nothing.")
    .addCommand(
      new Command("list")
        .description("Lists the tasks that modules export.")
        .addOption(tasksSetting())
        .addHelpText(
          "after",
          `
Examples:
  ${invocation()} tasks list --tasks ./tasks.ts
  ${invocation()} tasks list --tasks ./tasks.ts --json
      with all options, and what each takes as JSON Schema`,
        )
        .action((_: unknown, self: Command) => listTasks(self.optsWithGlobals<ListTasksOptions>(), io)),
    );
}
