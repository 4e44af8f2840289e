import { Command } from "commander";
import { observingSettings } from "../serve/observing-settings.ts";
import { retentionSettings } from "../serve/retention-settings.ts";
import {
  breakerSettings,
  concurrencySetting,
  drainTimeoutSetting,
  tagSetting,
  targetSettings,
  tasksSetting,
  type WorkOptions,
} from "../serve/work-settings.ts";
import { invocation } from "../terminal/invocation.ts";
import type { Io } from "../terminal/io.ts";
import { addSettings, settingsGiven } from "../terminal/setting.ts";
import { work } from "./worker.ts";

/** `posthorn worker` */
export function workerCommand(io: Io): Command {
  const command = new Command("worker")
    .summary("run jobs, without the API")
    .description(
      "Runs jobs, including deliveries, without the API: next to servers that run none (serve --no-worker), or that need help. On SIGTERM or Ctrl-C it starts no more jobs, waits for running ones, and exits with 0; a second signal exits at once.",
    )
    .addHelpText(
      "after",
      `
A job whose task no worker handles stays queued. Several workers may share one database; each takes
its share of the limits of a lane.

Examples:
  ${invocation()} worker --tasks ./tasks.ts
      what a module exports: export const sendReceipt = task("send-receipt", { … })
  ${invocation()} worker --tasks ./mail.ts,./reports.ts --concurrency 8`,
    )
    .action((_: unknown, command: Command) =>
      work(command.optsWithGlobals<WorkOptions>(), io, settingsGiven(command)),
    );
  return addSettings(command, [
    tasksSetting(),
    tagSetting(),
    concurrencySetting(),
    drainTimeoutSetting(),
    ...breakerSettings(),
    ...targetSettings(),
    ...retentionSettings(),
    ...observingSettings(),
  ]);
}
