import { Command, Option } from "commander";
import { tasksSetting } from "../serve/work-settings.ts";
import { invocation } from "../terminal/invocation.ts";
import type { Io } from "../terminal/io.ts";
import { duration } from "../terminal/values.ts";
import { type EnqueueCommandOptions, enqueue } from "./enqueue.ts";

/** `posthorn enqueue` */
export function enqueueCommand(io: Io): Command {
  return new Command("enqueue")
    .summary("enqueue one job of a task")
    .description(
      "Enqueues one job, validates its input by the task's schema, and prints the job's id. A running worker picks it up by itself.",
    )
    .argument("<task>", "the task's name")
    .addOption(tasksSetting())
    .option("--input <json>", "the task's input")
    .option(
      "--key <key>",
      "deduplication key: if a queued or running job of the task has it, no job is created",
    )
    .addOption(
      new Option("--delay <duration>", "how long to wait before it may run, such as 10m").argParser((text) =>
        duration(text),
      ),
    )
    .option("--tag <tag...>", "to find the job by, such as order:42")
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} enqueue send-receipt --tasks ./tasks.ts --input '{"orderId": "42"}'
  ${invocation()} enqueue tidy-up --tasks ./tasks.ts --delay 10m`,
    )
    .action((name: string, _: unknown, self: Command) =>
      enqueue(name, self.optsWithGlobals<EnqueueCommandOptions>(), io),
    );
}
