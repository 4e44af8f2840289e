import { Command } from "commander";
import { invocation } from "../terminal/invocation.ts";
import type { GlobalOptions, Io } from "../terminal/io.ts";
import { listSchedules, pauseSchedule, removeSchedule } from "./schedules.ts";

/** `posthorn schedules …` */
export function schedulesCommand(io: Io): Command {
  return new Command("schedules")
    .summary("look recurring jobs up, pause and resume them")
    .description(
      "Works on the database itself; running workers follow within a second. Schedules are declared by programs: schedule(…) in a file of --tasks, or openPosthorn.",
    )
    .addCommand(
      new Command("list")
        .description("Lists the schedules, with their next and last jobs.")
        .action((_: unknown, self: Command) => listSchedules(self.optsWithGlobals<GlobalOptions>(), io)),
    )
    .addCommand(
      named("pause", "It makes no more jobs until it is resumed, also after a restart.", (name, options) =>
        pauseSchedule(name, true, options, io),
      ),
    )
    .addCommand(
      named(
        "resume",
        "It goes on with its next moment; what it missed is not made up for.",
        (name, options) => pauseSchedule(name, false, options, io),
      ),
    )
    .addCommand(
      named("remove", "For good, unless a program still declares it.", (name, options) =>
        removeSchedule(name, options, io),
      ),
    )
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} schedules list
  ${invocation()} schedules pause nightly-cleanup`,
    );
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
