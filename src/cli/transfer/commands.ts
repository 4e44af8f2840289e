import { Command } from "commander";
import type { Io } from "../terminal/io.ts";
import { Setting } from "../terminal/setting.ts";
import { type ExportOptions, exportAll } from "./export.ts";
import { type ImportOptions, importAll } from "./import.ts";

/** `posthorn export` */
export function exportCommand(io: Io): Command {
  return new Command("export")
    .summary("write everything in the database to a file")
    .description(
      "Writes everything in the database to a file of JSON lines: jobs in every state with their attempts, tenants, endpoints, events, groups, " +
        "schedules, keys, encrypted secrets. `posthorn import` loads it into another database, SQLite or PostgreSQL. If it is interrupted, run the " +
        "command again: it continues where it stopped.",
    )
    .requiredOption("--out <file>", "the file to write, or - for standard output")
    .addOption(live("export even while workers run jobs; those are exported as queued"))
    .action((_: unknown, command: Command) => exportAll(command.optsWithGlobals<ExportOptions>(), io));
}

/** `posthorn import` */
export function importCommand(io: Io): Command {
  return new Command("import")
    .summary("read an export into the database")
    .description(
      "Imports everything that `posthorn export` wrote, creating the database if it does not exist. What already exists stays as " +
        "it is: an interrupted import continues when you run the command again, and importing twice creates no duplicates. Secrets " +
        "are encrypted: use the same POSTHORN_MASTER_KEY or key file as before.",
    )
    .requiredOption("--in <file>", "the file to read, or - for standard input")
    .addOption(
      live("import even while workers run jobs; imported jobs may start before everything has arrived"),
    )
    .action((_: unknown, command: Command) => importAll(command.optsWithGlobals<ImportOptions>(), io));
}

function live(description: string): Setting {
  return new Setting("--live", "POSTHORN_LIVE", description).default(false, "off");
}
