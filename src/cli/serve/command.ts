import { Command } from "commander";
import { invocation } from "../terminal/invocation.ts";
import type { Io } from "../terminal/io.ts";
import { addSettings, settingsGiven } from "../terminal/setting.ts";
import { type ServeOptions, serve } from "./serve.ts";
import { serveSettings } from "./serve-settings.ts";

/** `posthorn serve` */
export function serveCommand(io: Io): Command {
  const command = new Command("serve")
    .summary("run the server: its API, and the worker that runs jobs")
    .description(
      "Runs the server: the API, the console, and the worker that runs jobs (deliveries, and the tasks of --tasks). On SIGTERM or Ctrl-C it accepts no new work, waits for running jobs, and exits with 0; a second signal exits at once.",
    )
    .addHelpText(
      "after",
      `
POSTHORN_MASTER_KEY (base64 of 32 bytes) encrypts the secrets in the database; POSTHORN_MASTER_KEY_FILE
names a file that holds it. Without either, a key file is kept next to a SQLite file: <database>.key. For
PostgreSQL, posthorn.key in the working directory is read; only --dev makes it.

Examples:
  ${invocation()} serve --dev
      to try it on this machine
  ${invocation()} serve --dev --tasks ./tasks.ts
      with tasks of your own, for POST /tasks/{name}
  ${invocation()} keys create --name backend --role send && ${invocation()} serve --host 0.0.0.0
      for other machines, which need a key
  ${invocation()} serve --allow-targets 10.0.0.0/8,hooks.internal
      to deliver inside a private network as well`,
    )
    .action((_: unknown, command: Command) =>
      serve(command.optsWithGlobals<ServeOptions>(), io, settingsGiven(command)),
    );
  for (const [heading, settings] of Object.entries(serveSettings())) addSettings(command, settings, heading);
  return command;
}
