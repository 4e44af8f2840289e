import { Command, Option } from "commander";
import { invocation } from "../terminal/invocation.ts";
import type { GlobalOptions, Io } from "../terminal/io.ts";
import { duration, oneOf } from "../terminal/values.ts";
import { type CreateKeyOptions, createKey, listKeys, revokeKey } from "./keys.ts";

const role = oneOf("admin", "manage", "send", "read");
const mode = oneOf("live", "test");
const payloads = oneOf("none", "redacted", "full");

/** `posthorn keys …` */
export function keysCommand(io: Io): Command {
  return new Command("keys")
    .summary("create, list and revoke API keys")
    .description(
      "API keys, for servers that run without --dev. A running server picks up every change immediately.",
    )
    .addCommand(createSubcommand(io))
    .addCommand(
      new Command("list")
        .description("Lists the keys, newest first. The keys themselves cannot be shown again.")
        .action((_: unknown, command: Command) => listKeys(command.optsWithGlobals<GlobalOptions>(), io)),
    )
    .addCommand(
      new Command("revoke")
        .description("Revokes a key permanently.")
        .argument("<id>", "key_…, as `keys list` shows it")
        .action((id: string, _: unknown, command: Command) =>
          revokeKey(id, command.optsWithGlobals<GlobalOptions>(), io),
        ),
    );
}

function createSubcommand(io: Io): Command {
  return new Command("create")
    .description(
      "Creates a key and prints it; it cannot be shown again. Creates the database if it does not exist.",
    )
    .requiredOption("--name <name>", "a name for it, as `keys list` shows it")
    .addOption(
      new Option(
        "--role <role>",
        "admin (everything), manage (tenants, endpoints, event types, and all that send may), send (enqueue, deliver, rerun, cancel, and read) or read (look things up)",
      )
        .argParser((text) => role(text))
        .makeOptionMandatory(),
    )
    .option("--tenant <tenant>", "a tenant's uid or id: the key sees only this tenant")
    .addOption(
      new Option("--mode <mode>", "live or test: the key sees only tenants of this mode").argParser((text) =>
        mode(text),
      ),
    )
    .addOption(
      new Option(
        "--payloads <shown>",
        "none, redacted or full: how much of payloads, results and answers the key sees (default: redacted for the role read, otherwise full)",
      ).argParser((text) => payloads(text)),
    )
    .addOption(
      new Option(
        "--expires-in <duration>",
        "how long the key is valid, such as 90d (default: forever)",
      ).argParser((text) => duration(text)),
    )
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} keys create --name backend --role send
  ${invocation()} keys create --name ops --role admin --json
  ${invocation()} keys create --name "Acme's own" --role manage --tenant acme`,
    )
    .action((_: unknown, command: Command) => createKey(command.optsWithGlobals<CreateKeyOptions>(), io));
}
