import { Command } from "commander";
import { ConfigurationError } from "../../core/errors.ts";
import { retainJobsSetting, retentionSettings } from "../serve/retention-settings.ts";
import type { Io } from "../terminal/io.ts";
import { addSettings } from "../terminal/setting.ts";
import { type PruneOptions, prune } from "./prune.ts";

/** `posthorn prune` */
export function pruneCommand(io: Io): Command {
  const command = new Command("prune")
    .summary("delete now what is past its retention")
    .description(
      "Deletes what is past its retention, in small batches, whether or not a server is running; servers and workers do the same every minute. " +
        "Give it their retention settings: --retain-jobs is required, so that nothing is deleted that they keep. It can be interrupted at any time.",
    )
    .action((_: unknown, command: Command) => {
      if (command.getOptionValue("retainJobs") === undefined)
        throw new ConfigurationError(
          "--retain-jobs (POSTHORN_RETAIN_JOBS) must be set, as it is for the servers and workers: what they keep longer would be deleted",
        );
      return prune(command.optsWithGlobals<PruneOptions>(), io);
    });
  return addSettings(command, retentionSettings(retainJobsSetting(" (required)")));
}
