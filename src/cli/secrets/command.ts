import { Command } from "commander";
import { invocation } from "../terminal/invocation.ts";
import type { GlobalOptions, Io } from "../terminal/io.ts";
import { rotateMasterKey } from "./rotate-master.ts";

/** `posthorn secrets …` */
export function secretsCommand(io: Io): Command {
  return new Command("secrets")
    .summary("change the master key that encrypts secrets")
    .description("Secrets that the database stores encrypted.")
    .addCommand(
      new Command("rotate-master")
        .description(
          "Re-encrypts every secret in the database with another master key. With POSTHORN_MASTER_KEY=new,old, it uses the first key, while servers and workers that have both keep running. With a key file, stop them first; a new key is generated, and the old one is removed once nothing needs it. Can be stopped at any moment and run again.",
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
