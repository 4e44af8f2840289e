import { Command } from "commander";
import type { Io } from "../terminal/io.ts";
import { type BackupOptions, backup } from "./backup.ts";

/** `posthorn backup` */
export function backupCommand(io: Io): Command {
  return new Command("backup")
    .summary("copy a SQLite file that is in use")
    .description(
      "Writes a snapshot of the SQLite file while servers and workers keep using it. It is synced and checked from end to end before it gets its " +
        "name, and only its owner can read it. It needs twice the database's size in free disk space, or its size on each of two disks. It does not contain " +
        "the master key: keep that elsewhere.",
    )
    .argument("<file>", "the file to write, which must not exist yet; or - for standard output")
    .action((file: string, _: unknown, command: Command) =>
      backup(file, command.optsWithGlobals<BackupOptions>(), io),
    );
}
