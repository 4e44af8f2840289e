import { Command, CommanderError } from "commander";
import { inNamedSchema } from "../open-store.ts";
import { VERSION } from "../version.ts";
import { backupCommand } from "./backup/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { healthCommand } from "./health/command.ts";
import { jobsCommand } from "./jobs/command.ts";
import { keysCommand } from "./keys/command.ts";
import { listenCommand } from "./listen/command.ts";
import { migrateDatabase } from "./migrate.ts";
import { pruneCommand } from "./prune/command.ts";
import {
  auditCommand,
  bulkCommand,
  eventsCommand,
  eventTypesCommand,
  failuresCommand,
  tenantsCommand,
} from "./registered/commands.ts";
import { endpointsCommand } from "./registered/endpoints.ts";
import { schedulesCommand } from "./schedules/command.ts";
import { secret } from "./secret.ts";
import { secretsCommand } from "./secrets/command.ts";
import { serveCommand } from "./serve/command.ts";
import { statsCommand } from "./stats/command.ts";
import { tasksCommand } from "./tasks/command.ts";
import { enqueueCommand } from "./tasks/enqueue-command.ts";
import { DEFAULT_DATABASE } from "./terminal/defaults.ts";
import { printError } from "./terminal/errors.ts";
import { invocation } from "./terminal/invocation.ts";
import type { GlobalOptions, Io } from "./terminal/io.ts";
import { readSecretFiles } from "./terminal/secret-files.ts";
import { applyEnvironment, Setting } from "./terminal/setting.ts";
import { exportCommand, importCommand } from "./transfer/commands.ts";
import { workerCommand } from "./worker/command.ts";
import { drainWorker, listWorkers } from "./worker/workers.ts";

/**
 * Runs one command line.
 * @param argv without the program's own name.
 * @returns the exit code.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    const program = createProgram(readSecretFiles(io));
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && isHelpOrVersion(error)) return error.exitCode;
    printError(io.stderr, error, wantsJson(argv, io.env));
    return 1;
  }
}

const RUN = [serveCommand, workerCommand, listenCommand];

const MANAGE = [
  jobsCommand,
  enqueueCommand,
  tasksCommand,
  failuresCommand,
  schedulesCommand,
  tenantsCommand,
  endpointsCommand,
  bulkCommand,
  eventTypesCommand,
  eventsCommand,
  workersCommand,
  statsCommand,
  keysCommand,
  auditCommand,
  secretCommand,
  secretsCommand,
  migrateCommand,
  doctorCommand,
  healthCommand,
  pruneCommand,
  backupCommand,
  exportCommand,
  importCommand,
];

/** The whole command line, as commander knows it. */
export function createProgram(io: Io): Command {
  const program = new Command("posthorn")
    .description("Answer now, deliver for sure: durable background jobs and webhook delivery.")
    .version(VERSION)
    .addOption(
      new Setting("--database <file>", "POSTHORN_DATABASE", "the SQLite file, or postgres://…").default(
        DEFAULT_DATABASE,
      ),
    )
    .addOption(
      new Setting(
        "--schema <name>",
        "POSTHORN_SCHEMA",
        "the schema in a PostgreSQL database (default: posthorn)",
      ),
    )
    .addOption(
      new Setting(
        "--json",
        "POSTHORN_JSON",
        "print JSON, for programs; errors as JSON on standard error",
      ).default(false, "off"),
    )
    .addHelpText(
      "after",
      `
Start here:
  ${invocation()} serve --dev      a server to try, and what to type next
  ${invocation()} help serve       every setting of the server
  ${invocation()} jobs list        accepted jobs and their status`,
    )
    .hook("preAction", (_, action) => {
      for (let at: Command | null = action; at; at = at.parent) applyEnvironment(at, io.env);
      nameSchema(program);
    });
  program.commandsGroup("Run:");
  for (const command of RUN) program.addCommand(command(io));
  program.commandsGroup("Manage:");
  for (const command of MANAGE) program.addCommand(command(io));
  for (const command of selfAndBelow(program)) setUp(command, io);
  return program;
}

/** From here on the database's name says which schema is meant. */
function nameSchema(program: Command): void {
  const { database, schema } = program.opts<{ database: string; schema?: string }>();
  if (schema === undefined) return;
  program.setOptionValueWithSource(
    "database",
    inNamedSchema(database, schema),
    program.getOptionValueSource("database"),
  );
}

function workersCommand(io: Io): Command {
  return new Command("workers")
    .summary("list and drain the processes that run jobs")
    .description("Works on the database directly.")
    .addCommand(
      new Command("list")
        .description(
          "Lists the registered workers. On SQLite, an idle worker does not write to the database, so `last seen` is when it last had work.",
        )
        .action((_: unknown, command: Command) => listWorkers(command.optsWithGlobals<GlobalOptions>(), io)),
      { isDefault: true },
    )
    .addCommand(
      new Command("drain")
        .description(
          "Asks a worker to claim no more jobs, which it does within five seconds, and to finish those that it runs. Its process keeps running. This cannot be undone: to have it work again, restart the process.",
        )
        .argument("<worker>", "wrk_…, as `workers` shows it")
        .action((id: string, _: unknown, command: Command) =>
          drainWorker(id, command.optsWithGlobals<GlobalOptions>(), io),
        ),
    );
}

function secretCommand(io: Io): Command {
  return new Command("secret")
    .summary("print the secret that receivers verify signatures with")
    .description(
      "Prints the secret that the server signs deliveries with, whsec_…, for receivers to verify them.",
    )
    .action((_: unknown, command: Command) => secret(command.optsWithGlobals<GlobalOptions>(), io));
}

function migrateCommand(io: Io): Command {
  return new Command("migrate")
    .summary("bring the database to this release's schema")
    .description(
      "Brings the database to this release's schema. A server does so by itself with a SQLite file; with an older PostgreSQL schema it refuses to start.",
    )
    .action((_: unknown, command: Command) => migrateDatabase(command.optsWithGlobals<GlobalOptions>(), io));
}

function selfAndBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(selfAndBelow)];
}

/** Output goes where `io` says, errors are thrown for `run` to print. */
function setUp(command: Command, io: Io): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError() {},
      getOutHelpWidth: () => io.stdout.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => io.stderr.columns ?? HELP_WIDTH,
    });
}

const HELP_WIDTH = 100;

function isHelpOrVersion({ code }: CommanderError): boolean {
  return ["commander.help", "commander.helpDisplayed", "commander.version"].includes(code);
}

/** Looked for before the command line is parsed: what has to be reported may be an error in that line itself. */
export function wantsJson(argv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return (
    argv.includes("--json") || ["1", "true", "yes", "on"].includes((env.POSTHORN_JSON ?? "").toLowerCase())
  );
}
