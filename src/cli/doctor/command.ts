import { Command } from "commander";
import { jobRetentionSettings } from "../serve/retention-settings.ts";
import type { Io } from "../terminal/io.ts";
import { addSettings, Setting } from "../terminal/setting.ts";
import { duration } from "../terminal/values.ts";
import { doctor } from "./doctor.ts";
import type { DoctorOptions } from "./examine.ts";

/** `posthorn doctor` */
export function doctorCommand(io: Io): Command {
  const command = new Command("doctor")
    .summary("check the database; say what is wrong, and what to do")
    .description(
      "Checks the database and the processes that work on it, and says what is wrong and what to do. Exits with 1 if something is bad, " +
        "and with 0 otherwise, even with warnings; with --watch it keeps checking, and reports what appears and disappears. It is read-only and safe to run at any time.",
    )
    .action((_: unknown, command: Command) => doctor(command.optsWithGlobals<DoctorOptions>(), io));
  return addSettings(command, [
    new Setting(
      "--deep",
      "POSTHORN_DEEP",
      "check the whole SQLite file for damage; can take a long time",
    ).default(false, "off"),
    new Setting("--watch [duration]", "POSTHORN_WATCH", "keep checking: every minute, or this often").takes(
      duration,
    ),
    ...jobRetentionSettings(),
    new Setting(
      "--max-transaction <duration>",
      "POSTHORN_MAX_TRANSACTION",
      "how long a transaction on PostgreSQL may be open (default: 5m)",
    ).takes(duration),
  ]);
}
