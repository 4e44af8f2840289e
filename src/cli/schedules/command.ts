import { Command } from "commander";
import { ConfigurationError } from "../../core/errors.ts";
import { invocation } from "../terminal/invocation.ts";
import type { GlobalOptions, Io } from "../terminal/io.ts";
import { listSchedules, pauseAllSchedules, pauseSchedule, removeSchedule, runSchedule } from "./schedules.ts";

/** `posthorn schedules …` */
export function schedulesCommand(io: Io): Command {
  return new Command("schedules")
    .summary("look up, pause, resume, run and remove recurring jobs")
    .description(
      "Works on the database directly; running workers notice within a second. Programs declare schedules: schedule(…) in a file given with --tasks, or openPosthorn.",
    )
    .addCommand(
      new Command("list")
        .description("Lists the schedules, with their next and last jobs.")
        .action((_: unknown, self: Command) => listSchedules(self.optsWithGlobals<GlobalOptions>(), io)),
    )
    .addCommand(
      oneOrAll("pause", "Stops a schedule from creating jobs until it is resumed, even after a restart.", io),
    )
    .addCommand(
      oneOrAll("resume", "Lets a schedule continue with its next run; missed runs are not made up for.", io),
    )
    .addCommand(
      named(
        "run",
        "Creates one of a schedule's jobs now, even if it is paused. Its next scheduled run does not change.",
        (name, options) => runSchedule(name, options, io),
      ),
    )
    .addCommand(
      named(
        "remove",
        "Removes a schedule permanently, unless a program still declares it.",
        (name, options) => removeSchedule(name, options, io),
      ),
    )
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} schedules list
  ${invocation()} schedules pause nightly-cleanup
  ${invocation()} schedules pause --all
  ${invocation()} schedules run nightly-cleanup`,
    );
}

function oneOrAll(verb: "pause" | "resume", description: string, io: Io): Command {
  const isPaused = verb === "pause";
  return new Command(verb)
    .description(description)
    .argument("[name]", "as `schedules list` shows it")
    .option("--all", "all schedules that there are, in one transaction")
    .action((name: string | undefined, { all = false }: { all?: boolean }, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions>();
      if (all === (name !== undefined))
        throw new ConfigurationError(`name one schedule to ${verb}, or give --all`);
      return name === undefined
        ? pauseAllSchedules(isPaused, options, io)
        : pauseSchedule(name, isPaused, options, io);
    });
}

function named(
  verb: string,
  description: string,
  act: (name: string, options: GlobalOptions) => Promise<void>,
): Command {
  return new Command(verb)
    .description(description)
    .argument("<name>", "as `schedules list` shows it")
    .action((name: string, _: unknown, self: Command) => act(name, self.optsWithGlobals<GlobalOptions>()));
}
