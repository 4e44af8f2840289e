import { Command, Option } from "commander";
import { FLEET_SPANS } from "../../engine/statistics/fleet-reports.ts";
import type { Io } from "../terminal/io.ts";
import { type StatsOptions, stats } from "./stats.ts";

/** `posthorn stats` */
export function statsCommand(io: Io): Command {
  return new Command("stats")
    .summary("show how much happens and how much waits")
    .description(
      "Counts accepted, succeeded, failed, cancelled and retried jobs by the minute or hour, for all processes that work on the database, with how long " +
        "jobs waited and attempts took, and how many jobs wait now. Steps in which nothing happened are left out; --json has them. " +
        "It is read-only and safe to run at any time.",
    )
    .addOption(
      new Option("--span <span>", "how far back: 1h by the minute, 24h and 30d by the hour")
        .choices(FLEET_SPANS)
        .default("1h"),
    )
    .option("--task <name>", "only of this task")
    .action((_: unknown, command: Command) => stats(command.optsWithGlobals<StatsOptions>(), io));
}
