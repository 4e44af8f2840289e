import { Setting } from "../terminal/setting.ts";
import { byteSize, duration, oneOf, wholeNumber } from "../terminal/values.ts";
import { retentionSettings } from "./retention-settings.ts";

/** How much the server takes, and how long it keeps it. */
export function limitSettings(): Setting[] {
  return [
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
  ];
}

function eventRate(what: "tenant" | "key", span: "second" | "day", of: string): Setting {
  const limit = wholeNumber(1, 1_000_000_000);
  return new Setting(
    `--${what}-events-per-${span} <number>`,
    `POSTHORN_${what}_EVENTS_PER_${span}`.toUpperCase(),
    `events per ${span} that this process takes ${of}; more get a 429 (default: no limit)`,
  ).takes(limit);
}
