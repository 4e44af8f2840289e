import { InvalidArgumentError } from "commander";
import { RedactionPaths } from "../../http/redaction/redaction-paths.ts";
import { DEFAULT_ORGANIZATION, SHORTEST_JWT_SECRET } from "../../http/svix/organization.ts";
import { backupSettings } from "../backup/backup-settings.ts";
import { Setting } from "../terminal/setting.ts";
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
import { observingSettings } from "./observing-settings.ts";
import { retentionSettings } from "./retention-settings.ts";
import {
  breakerSettings,
  concurrencySetting,
  drainTimeoutSetting,
  tagSetting,
  targetSettings,
  tasksSetting,
} from "./work-settings.ts";

/** The server's settings, by the headings of its help. */
export function serveSettings(): Readonly<Record<string, readonly Setting[]>> {
  return {
    "Access:": [
      new Setting(
        "--dev",
        "POSTHORN_DEV",
        "for development: no API key needed, only this machine is served, and loopback targets are allowed",
      ).default(false, "off"),
      hostSetting(),
      portSetting(),
      new Setting(
        "--public-url <url>",
        "POSTHORN_PUBLIC_URL",
        "where browsers reach the server, for links to the portal (default: the address of the request)",
      ).takes(webAddress),
      new Setting(
        "--portal-origins <list>",
        "POSTHORN_PORTAL_ORIGINS",
        "origins of the pages that may show the portal in a frame, separated by commas",
      ).takes(origins, ""),
      new Setting(
        "--portal-logo <file>",
        "POSTHORN_PORTAL_LOGO",
        "a picture to show above the portal's pages: SVG, PNG, WebP or JPEG, at most 100 KiB (default: none)",
      ),
      new Setting(
        "--redact <list>",
        "POSTHORN_REDACT",
        "what else to hide from keys that see payloads redacted, besides values named like secrets: $.customer.email,**.street",
      ).takes(redactionPaths, ""),
      ...targetSettings(),
      new Setting(
        "--svix-jwt-secret <secret>",
        "POSTHORN_SVIX_JWT_SECRET",
        "for the API at /api/v1, accept tokens signed with this secret, as Svix servers do (default: API keys only)",
      ).takes(jwtSecret),
      new Setting(
        "--svix-organization <id>",
        "POSTHORN_SVIX_ORGANIZATION",
        "the organization whose tokens are accepted; or any, and then all organizations share everything",
      ).takes(organization, DEFAULT_ORGANIZATION),
      new Setting("--no-console", "POSTHORN_NO_CONSOLE", "no pages at /console"),
    ],
    "Work:": [
      tasksSetting(),
      tagSetting(),
      concurrencySetting(),
      new Setting("--no-worker", "POSTHORN_NO_WORKER", "accept and look up jobs, but run none"),
      drainTimeoutSetting(),
      ...breakerSettings(),
      new Setting(
        "--operational-url <url>",
        "POSTHORN_OPERATIONAL_URL",
        "where to send operational events: an endpoint was disabled, deliveries keep failing, a bulk run has ended",
      ).takes(targetUrl),
      new Setting(
        "--operational-secret <secret>",
        "POSTHORN_OPERATIONAL_SECRET",
        "whsec_… that signs operational events (default: generated and stored)",
      ),
    ],
    "Limits:": [
      new Setting("--max-body <size>", "POSTHORN_MAX_BODY", "largest request body").takes(byteSize, "1MiB"),
      new Setting(
        "--max-database-size <size>",
        "POSTHORN_MAX_DATABASE_SIZE",
        "above this size, new jobs are refused with 503 (default: no limit)",
      ).takes(byteSize),
      new Setting(
        "--duplicate-keys <what>",
        "POSTHORN_DUPLICATE_KEYS",
        "for a repeated Idempotency-Key: replay returns the first answer, reject returns 409",
      ).takes(oneOf("replay", "reject"), "replay"),
      new Setting(
        "--unknown-tenants <what>",
        "POSTHORN_UNKNOWN_TENANTS",
        "for an event of an unknown tenant: create creates the tenant, reject returns 404",
      ).takes(oneOf("create", "reject"), "create"),
      eventRate("tenant", "second", "from one tenant"),
      eventRate("tenant", "day", "from one tenant"),
      eventRate("key", "second", "with one API key"),
      eventRate("key", "day", "with one API key"),
      ...retentionSettings(),
      new Setting(
        "--retain-keys <duration>",
        "POSTHORN_RETAIN_KEYS",
        "how long idempotency keys are remembered",
      ).takes(duration, "24h"),
    ],
    "Backups of a SQLite file:": backupSettings(),
    "Log:": [
      ...observingSettings(),
      new Setting(
        "--trace-url <url>",
        "POSTHORN_TRACE_URL",
        "where the console links a job's trace to, with {trace_id} in it",
      ).takes(traceUrl),
    ],
  };
}

function redactionPaths(text: string): string[] {
  const paths = commaSeparated(text);
  try {
    new RedactionPaths(paths);
    return paths;
  } catch {
    throw new InvalidArgumentError("It takes paths such as $.customer.email,**.street, separated by commas.");
  }
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
    `events per ${span} that this process takes ${of}; more get a 429 (default: no limit)`,
  ).takes(limit);
}
