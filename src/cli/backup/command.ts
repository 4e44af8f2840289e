import { Command } from "commander";
import type { Io } from "../terminal/io.ts";
import { type BackupOptions, backup } from "./backup.ts";

/** `posthorn backup` */
export function backupCommand(io: Io): Command {
  return new Command("backup")
    .summary("copy a SQLite file that is in use")
    .description(
      "Copies the SQLite file, as it is at one moment, while servers and workers go on with it: synced, and checked from end to end before it gets its " +
        "name. For its owner alone. It needs twice the database's size on the disk. The master key is not in it: keep that in another place.",
    )
    .argument("<file>", "the file to write, which must not exist; or - for standard output")
    .action((file: string, _: unknown, command: Command) =>
      backup(file, command.optsWithGlobals<BackupOptions>(), io),
    );
}
