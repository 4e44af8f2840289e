import type { GlobalOptions } from "../terminal/io.ts";
import { Setting } from "../terminal/setting.ts";
import { commaSeparated, duration, wholeNumber } from "../terminal/values.ts";
import type { ObservingSettings } from "./observing-settings.ts";
import type { RetentionSettings } from "./retention-settings.ts";

/** The settings of every process that opens the database to work on it. */
export interface WorkOptions extends GlobalOptions, RetentionSettings, ObservingSettings {
  readonly tasks: readonly string[];
  readonly tag: readonly string[];
  readonly allowTargets: readonly string[];
  readonly egressProxy: readonly string[];
  readonly egressAddress?: string;
  readonly concurrency: number;
  readonly drainTimeout: number;
  readonly breakerFailures: number;
  readonly disableFailingAfter: number;
}

export function tasksSetting(): Setting {
  return new Setting(
    "--tasks <file>",
    "POSTHORN_TASKS",
    "a module that exports tasks and schedules; several separated by commas, or each with its own --tasks",
  ).collects(commaSeparated);
}

export function tagSetting(): Setting {
  return new Setting(
    "--tag <name=path>",
    "POSTHORN_TAG",
    "a tag to read out of payloads: order=$.data.id tags what has 42 there order:42; several separated by commas, or each with its own --tag",
  ).collects(commaSeparated);
}

export function allowTargetsSetting(): Setting {
  return new Setting(
    "--allow-targets <list>",
    "POSTHORN_ALLOW_TARGETS",
    "addresses, CIDR ranges and host names to allow as targets even if they are not public, separated by commas",
  ).takes(commaSeparated, "");
}

/** What deliveries may reach, and the way they take. */
export function targetSettings(): Setting[] {
  return [
    allowTargetsSetting(),
    new Setting(
      "--egress-proxy <url>",
      "POSTHORN_EGRESS_PROXY",
      "an HTTP proxy for all deliveries (CONNECT): http://user:password@host:port; or, as name=http://…, for endpoints that choose that name. Several separated by commas, or each with its own --egress-proxy",
    ).collects(commaSeparated),
    new Setting(
      "--egress-address <address>",
      "POSTHORN_EGRESS_ADDRESS",
      "the address of this machine that deliveries leave from (default: the system's choice)",
    ),
  ];
}

export function concurrencySetting(): Setting {
  return new Setting(
    "--concurrency <number>",
    "POSTHORN_CONCURRENCY",
    "how many handlers run at once, including deliveries",
  ).takes(wholeNumber(1, 1_000), "64");
}

export function drainTimeoutSetting(): Setting {
  return new Setting(
    "--drain-timeout <duration>",
    "POSTHORN_DRAIN_TIMEOUT",
    "how long a stopping process waits for running jobs",
  ).takes(duration, "30s");
}

export function breakerSettings(): Setting[] {
  return [
    new Setting(
      "--breaker-failures <number>",
      "POSTHORN_BREAKER_FAILURES",
      "failures in a row after which an endpoint's deliveries wait until one succeeds",
    ).takes(wholeNumber(1, 1_000), "10"),
    new Setting(
      "--disable-failing-after <duration>",
      "POSTHORN_DISABLE_FAILING_AFTER",
      "how long an endpoint may fail without a success before it is disabled",
    ).takes(duration, "5d"),
  ];
}
