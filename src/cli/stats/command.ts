import { Command, Option } from "commander";
import { FLEET_SPANS } from "../../engine/statistics/fleet-reports.ts";
import type { Io } from "../terminal/io.ts";
import { type StatsOptions, stats } from "./stats.ts";

/** `posthorn stats` */
export function statsCommand(io: Io): Command {
  return new Command("stats")
    .summary("how much happens, and how much waits")
    .description(
      "Prints how much was accepted, succeeded, failed, was cancelled and retried, how long jobs waited and attempts took, by minutes or hours, " +
        "of all processes that work on the database, and how much waits now. Steps in which nothing happened are left out; --json has them. " +
        "It only reads, and can run while everything else does.",
    )
    .addOption(
      new Option("--span <span>", "how far back: an hour by minutes, longer ones by hours")
        .choices(FLEET_SPANS)
        .default("1h"),
    )
    .option("--task <name>", "only of this task")
    .action((_: unknown, command: Command) => stats(command.optsWithGlobals<StatsOptions>(), io));
}
