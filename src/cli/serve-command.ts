import { Command } from "commander";
import { LOG_LEVELS } from "../observe/log.ts";
import { invocation } from "./invocation.ts";
import type { Io } from "./io.ts";
import { type ServeOptions, serve } from "./serve.ts";
import { Setting } from "./setting.ts";
import { byteSize, commaSeparated, duration, oneOf, port, wholeNumber } from "./values.ts";

/** `posthorn serve` */
export function serveCommand(io: Io): Command {
  return new Command("serve")
    .summary("run the server: its API, and the worker that delivers")
    .description(
      "Runs the server: its API, and the worker that delivers. SIGTERM or Ctrl-C: no new work, waits for what runs, exits 0; a second one exits at once.",
    )
    .optionsGroup("Access:")
    .addOption(
      new Setting(
        "--dev",
        "POSTHORN_DEV",
        "no API key needed; loopback only, and loopback targets are allowed",
      ).default(false, "off"),
    )
    .addOption(new Setting("--host <host>", "POSTHORN_HOST", "address to listen on").default("127.0.0.1"))
    .addOption(
      new Setting("--port <number>", "POSTHORN_PORT", "port to listen on, 0 for any").takes(port, "8000"),
    )
    .addOption(
      new Setting(
        "--allow-targets <list>",
        "POSTHORN_ALLOW_TARGETS",
        "CIDRs and host names to deliver to although they are not public, comma-separated",
      ).takes(commaSeparated, ""),
    )
    .optionsGroup("Work:")
    .addOption(
      new Setting("--concurrency <number>", "POSTHORN_CONCURRENCY", "deliveries in flight at once").takes(
        wholeNumber(1, 1_000),
        "64",
      ),
    )
    .addOption(new Setting("--no-worker", "POSTHORN_NO_WORKER", "accept and look up only, deliver nothing"))
    .addOption(
      new Setting(
        "--drain-timeout <duration>",
        "POSTHORN_DRAIN_TIMEOUT",
        "how long a stopping server waits for what runs",
      ).takes(duration, "30s"),
    )
    .optionsGroup("Limits:")
    .addOption(
      new Setting("--max-body <size>", "POSTHORN_MAX_BODY", "largest request body").takes(byteSize, "1MiB"),
    )
    .addOption(
      new Setting(
        "--max-database-size <size>",
        "POSTHORN_MAX_DATABASE_SIZE",
        "past it, new jobs are refused with 503 (default: the disk's)",
      ).takes(byteSize),
    )
    .addOption(
      new Setting(
        "--duplicate-keys <what>",
        "POSTHORN_DUPLICATE_KEYS",
        "a repeated Idempotency-Key: replay answers as the first time, reject answers 409",
      ).takes(oneOf("replay", "reject"), "replay"),
    )
    .addOption(
      new Setting(
        "--retain-jobs <duration>",
        "POSTHORN_RETAIN_JOBS",
        "how long finished jobs are kept",
      ).takes(duration, "30d"),
    )
    .addOption(
      new Setting(
        "--retain-keys <duration>",
        "POSTHORN_RETAIN_KEYS",
        "how long idempotency keys are remembered",
      ).takes(duration, "24h"),
    )
    .optionsGroup("Log:")
    .addOption(
      new Setting(
        "--log-level <level>",
        "POSTHORN_LOG_LEVEL",
        `least that is logged, to standard error: ${LOG_LEVELS.join(", ")}`,
      ).takes(oneOf(...LOG_LEVELS), "info"),
    )
    .addHelpText(
      "after",
      `
POSTHORN_MASTER_KEY (base64 of 32 bytes) encrypts the secrets in the database. Without it, a
key file is kept beside the database: <database>.key.

Examples:
  ${invocation()} serve --dev
      to try things on this machine
  ${invocation()} keys create --name backend --role send && ${invocation()} serve --host 0.0.0.0
      for others, who need a key
  ${invocation()} serve --allow-targets 10.0.0.0/8,hooks.internal
      to deliver inside a private network as well`,
    )
    .action((_: unknown, command: Command) => serve(command.optsWithGlobals<ServeOptions>(), io));
}
