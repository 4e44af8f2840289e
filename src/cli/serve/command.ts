import { Command, InvalidArgumentError } from "commander";
import { RedactionPaths } from "../../http/redaction/redaction-paths.ts";
import { DEFAULT_ORGANIZATION, SHORTEST_JWT_SECRET } from "../../http/svix/organization.ts";
import { invocation } from "../terminal/invocation.ts";
import type { Io } from "../terminal/io.ts";
import { Setting, settingsGiven } from "../terminal/setting.ts";
import {
  byteSize,
  commaSeparated,
  duration,
  oneOf,
  origins,
  webAddress,
  wholeNumber,
} from "../terminal/values.ts";
import { hostSetting, portSetting } from "./listen-settings.ts";
import { type ServeOptions, serve } from "./serve.ts";
import {
  allowTargetsSetting,
  attemptTracesSetting,
  breakerFailuresSetting,
  concurrencySetting,
  disableFailingAfterSetting,
  drainTimeoutSetting,
  egressAddressSetting,
  egressProxySetting,
  logLevelSetting,
  logSuccessesSetting,
  metricsEndpointsSetting,
  metricsListenSetting,
  propagateTraceSetting,
  retainAuditSetting,
  retainFailedSetting,
  retainFailedSizeSetting,
  retainJobsSetting,
  retainSizeSetting,
  retainSucceededSetting,
  retainSucceededSizeSetting,
  tasksSetting,
} from "./work-settings.ts";

function redactionPaths(text: string): string[] {
  const paths = commaSeparated(text);
  try {
    new RedactionPaths(paths);
    return paths;
  } catch {
    throw new InvalidArgumentError("It takes paths such as $.customer.email,**.street, separated by commas.");
  }
}

/** `posthorn serve` */
export function serveCommand(io: Io): Command {
  return new Command("serve")
    .summary("run the server: its API, and the worker that runs jobs")
    .description(
      "Runs the server: the API, the console, and the worker that runs jobs (deliveries, and the tasks of --tasks). On SIGTERM or Ctrl-C it accepts no new work, waits for running jobs, and exits with 0; a second signal exits at once.",
    )
    .optionsGroup("Access:")
    .addOption(
      new Setting(
        "--dev",
        "POSTHORN_DEV",
        "for development: no API key needed, only this machine is served, and loopback targets are allowed",
      ).default(false, "off"),
    )
    .addOption(hostSetting())
    .addOption(portSetting())
    .addOption(
      new Setting(
        "--public-url <url>",
        "POSTHORN_PUBLIC_URL",
        "where browsers reach the server, for links to the portal (default: the address of the request)",
      ).takes(webAddress),
    )
    .addOption(
      new Setting(
        "--portal-origins <list>",
        "POSTHORN_PORTAL_ORIGINS",
        "origins of the pages that may show the portal in a frame, separated by commas",
      ).takes(origins, ""),
    )
    .addOption(
      new Setting(
        "--redact <list>",
        "POSTHORN_REDACT",
        "what else to hide from keys that see payloads redacted, besides values named like secrets: $.customer.email,**.street",
      ).takes(redactionPaths, ""),
    )
    .addOption(allowTargetsSetting())
    .addOption(egressProxySetting())
    .addOption(egressAddressSetting())
    .addOption(
      new Setting(
        "--svix-jwt-secret <secret>",
        "POSTHORN_SVIX_JWT_SECRET",
        "for the API at /api/v1, accept tokens signed with this secret, as Svix servers do (default: API keys only)",
      ).takes(jwtSecret),
    )
    .addOption(
      new Setting(
        "--svix-organization <id>",
        "POSTHORN_SVIX_ORGANIZATION",
        "the organization whose tokens are accepted; or any, and then all organizations share everything",
      ).takes(organization, DEFAULT_ORGANIZATION),
    )
    .addOption(new Setting("--no-console", "POSTHORN_NO_CONSOLE", "no pages at /console"))
    .optionsGroup("Work:")
    .addOption(tasksSetting())
    .addOption(concurrencySetting())
    .addOption(new Setting("--no-worker", "POSTHORN_NO_WORKER", "accept and look up jobs, but run none"))
    .addOption(drainTimeoutSetting())
    .addOption(breakerFailuresSetting())
    .addOption(disableFailingAfterSetting())
    .addOption(
      new Setting(
        "--operational-url <url>",
        "POSTHORN_OPERATIONAL_URL",
        "where to send operational events: an endpoint was disabled, deliveries keep failing, a bulk run has ended",
      ).takes(targetUrl),
    )
    .addOption(
      new Setting(
        "--operational-secret <secret>",
        "POSTHORN_OPERATIONAL_SECRET",
        "whsec_… that signs operational events (default: generated and stored)",
      ),
    )
    .optionsGroup("Limits:")
    .addOption(
      new Setting("--max-body <size>", "POSTHORN_MAX_BODY", "largest request body").takes(byteSize, "1MiB"),
    )
    .addOption(
      new Setting(
        "--max-database-size <size>",
        "POSTHORN_MAX_DATABASE_SIZE",
        "above this size, new jobs are refused with 503 (default: no limit)",
      ).takes(byteSize),
    )
    .addOption(
      new Setting(
        "--duplicate-keys <what>",
        "POSTHORN_DUPLICATE_KEYS",
        "for a repeated Idempotency-Key: replay returns the first answer, reject returns 409",
      ).takes(oneOf("replay", "reject"), "replay"),
    )
    .addOption(
      new Setting(
        "--unknown-tenants <what>",
        "POSTHORN_UNKNOWN_TENANTS",
        "for an event of an unknown tenant: create creates the tenant, reject returns 404",
      ).takes(oneOf("create", "reject"), "create"),
    )
    .addOption(eventRate("tenant", "second", "of one tenant"))
    .addOption(eventRate("tenant", "day", "of one tenant"))
    .addOption(eventRate("key", "second", "with one API key"))
    .addOption(eventRate("key", "day", "with one API key"))
    .addOption(retainJobsSetting())
    .addOption(retainSucceededSetting())
    .addOption(retainFailedSetting())
    .addOption(retainSizeSetting())
    .addOption(retainSucceededSizeSetting())
    .addOption(retainFailedSizeSetting())
    .addOption(retainAuditSetting())
    .addOption(
      new Setting(
        "--retain-keys <duration>",
        "POSTHORN_RETAIN_KEYS",
        "how long idempotency keys are remembered",
      ).takes(duration, "24h"),
    )
    .optionsGroup("Backups of a SQLite file:")
    .addOption(
      new Setting(
        "--backup-every <duration>",
        "POSTHORN_BACKUP_EVERY",
        "back the database up this often, such as 6h (default: never)",
      ).takes(duration),
    )
    .addOption(
      new Setting(
        "--backup-to <folder>",
        "POSTHORN_BACKUP_TO",
        "the folder for backups, best on another disk (required with --backup-every)",
      ),
    )
    .addOption(
      new Setting(
        "--backup-keep <number>",
        "POSTHORN_BACKUP_KEEP",
        "how many backups to keep, the newest ones (default: 28)",
      ).takes(wholeNumber(1, 100_000)),
    )
    .optionsGroup("Log:")
    .addOption(logLevelSetting())
    .addOption(logSuccessesSetting())
    .addOption(metricsListenSetting())
    .addOption(metricsEndpointsSetting())
    .addOption(propagateTraceSetting())
    .addOption(attemptTracesSetting())
    .addOption(
      new Setting(
        "--trace-url <url>",
        "POSTHORN_TRACE_URL",
        "where the console links a job's trace to, with {trace_id} in it",
      ).takes(traceUrl),
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
}

/** What is wrong with it is said once it is known which targets are allowed. */
function targetUrl(text: string): string {
  if (URL.canParse(text)) return text;
  throw new InvalidArgumentError("It takes a URL, such as https://alerts.example.com/posthorn.");
}

function traceUrl(text: string): string {
  if (/^https?:/.test(URL.parse(text)?.protocol ?? "") && text.includes("{trace_id}")) return text;
  throw new InvalidArgumentError(
    "It takes a URL with {trace_id} in it, such as https://grafana.example.com/trace/{trace_id}.",
  );
}

function jwtSecret(text: string): string {
  if (text.length >= SHORTEST_JWT_SECRET) return text;
  throw new InvalidArgumentError(
    `It takes at least ${SHORTEST_JWT_SECRET} characters, or tokens could be forged.`,
  );
}

function organization(text: string): string {
  if (text === "any" || text.startsWith("org_")) return text;
  throw new InvalidArgumentError("It takes the id of an organization (org_…), or any.");
}

function eventRate(what: "tenant" | "key", span: "second" | "day", of: string): Setting {
  const limit = wholeNumber(1, 1_000_000_000);
  return new Setting(
    `--${what}-events-per-${span} <number>`,
    `POSTHORN_${what}_EVENTS_PER_${span}`.toUpperCase(),
    `events that this process takes ${of} in a ${span}; more are answered 429 (default: no limit)`,
  ).takes(limit);
}
