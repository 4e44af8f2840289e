import { Command } from "commander";
import { invocation } from "../terminal/invocation.ts";
import type { GlobalOptions, Io } from "../terminal/io.ts";
import { rotateMasterKey } from "./rotate-master.ts";

/** `posthorn secrets …` */
export function secretsCommand(io: Io): Command {
  return new Command("secrets")
    .summary("change the master key that encrypts secrets")
    .description("What the database holds encrypted.")
    .addCommand(
      new Command("rotate-master")
        .description(
          "Encrypts every secret in the database with another master key. With POSTHORN_MASTER_KEY=new,old: with the first of the two, while servers and workers that have both run on. With a key file: stop them first; a new key is made, and the old one removed once nothing needs it. Can be stopped at any moment and run again.",
        )
        .addHelpText(
          "after",
          `
Examples:
  ${invocation()} secrets rotate-master
  POSTHORN_MASTER_KEY=$NEW,$OLD ${invocation()} secrets rotate-master`,
        )
        .action((_: unknown, command: Command) =>
          rotateMasterKey(command.optsWithGlobals<GlobalOptions>(), io),
        ),
    );
}
