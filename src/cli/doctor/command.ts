import { Command } from "commander";
import { retainFailedSetting, retainJobsSetting, retainSucceededSetting } from "../serve/work-settings.ts";
import type { Io } from "../terminal/io.ts";
import { Setting } from "../terminal/setting.ts";
import { duration } from "../terminal/values.ts";
import { doctor } from "./doctor.ts";
import type { DoctorOptions } from "./examine.ts";

/** `posthorn doctor` */
export function doctorCommand(io: Io): Command {
  return new Command("doctor")
    .summary("check the database; say what is wrong, and what to do")
    .description(
      "Checks the database and the processes that work on it, and says what is wrong and what to do. Exits with 1 when something is bad, " +
        "with 0 when there are only warnings; with --watch it goes on, and tells what appears and what goes. It only reads, and can run while everything else does.",
    )
    .addOption(
      new Setting("--deep", "POSTHORN_DEEP", "check the whole SQLite file for damage; can take long").default(
        false,
        "off",
      ),
    )
    .addOption(
      new Setting("--watch [duration]", "POSTHORN_WATCH", "go on, and look again this often (default: 1m)")
        .takes(duration)
        .preset("1m"),
    )
    .addOption(retainJobsSetting())
    .addOption(retainSucceededSetting())
    .addOption(retainFailedSetting())
    .addOption(
      new Setting(
        "--max-transaction <duration>",
        "POSTHORN_MAX_TRANSACTION",
        "how long a transaction on PostgreSQL may be open (default: 5m)",
      ).takes(duration),
    )
    .action((_: unknown, command: Command) => doctor(command.optsWithGlobals<DoctorOptions>(), io));
}
