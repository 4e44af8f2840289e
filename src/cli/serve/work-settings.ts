import type { LogLevel } from "../../observe/log.ts";
import { LOG_LEVELS } from "../../observe/log.ts";
import type { GlobalOptions } from "../terminal/io.ts";
import { Setting } from "../terminal/setting.ts";
import {
  type Address,
  address,
  byteSize,
  commaSeparated,
  duration,
  oneOf,
  wholeNumber,
} from "../terminal/values.ts";

/** The settings of every process that opens the database to work on it. */
export interface WorkOptions extends GlobalOptions {
  readonly tasks: readonly string[];
  readonly allowTargets: readonly string[];
  readonly egressProxy: readonly string[];
  readonly egressAddress?: string;
  readonly concurrency: number;
  readonly retainJobs: number;
  readonly retainSucceeded?: number;
  readonly retainFailed?: number;
  readonly retainAudit?: number;
  readonly retainSize?: number;
  readonly retainSucceededSize?: number;
  readonly retainFailedSize?: number;
  readonly drainTimeout: number;
  readonly breakerFailures: number;
  readonly disableFailingAfter: number;
  readonly logLevel: LogLevel;
  readonly metricsListen?: Address;
  readonly metricsEndpoints?: number;
  readonly propagateTrace?: boolean;
  readonly logSuccesses?: boolean;
  readonly attemptTraces?: "link" | "child";
}

export function attemptTracesSetting(): Setting {
  return new Setting(
    "--attempt-traces <how>",
    "POSTHORN_ATTEMPT_TRACES",
    "how attempts belong to the trace that enqueued their job: link begins one for each attempt, child stays in it (default: link)",
  ).takes(oneOf("link", "child"));
}

export function propagateTraceSetting(): Setting {
  return new Setting(
    "--propagate-trace",
    "POSTHORN_PROPAGATE_TRACE",
    "send traceparent and tracestate to receivers, which reveals your trace ids to them",
  );
}

export function metricsListenSetting(): Setting {
  return new Setting(
    "--metrics-listen <address>",
    "POSTHORN_METRICS_LISTEN",
    "serve /metrics, /healthz, /startupz and /readyz here, without a key: a port, or host:port (default: nowhere)",
  ).takes(address);
}

export function metricsEndpointsSetting(): Setting {
  return new Setting(
    "--metrics-endpoints <number>",
    "POSTHORN_METRICS_ENDPOINTS",
    "tell in /metrics of so many endpoints, those that do worst, by their ids (default: 0)",
  ).takes(wholeNumber(0, 1_000));
}

export function tasksSetting(): Setting {
  return new Setting(
    "--tasks <file>",
    "POSTHORN_TASKS",
    "a module that exports tasks and schedules; several separated by commas, or each with its own --tasks",
  ).collects(commaSeparated);
}

export function allowTargetsSetting(): Setting {
  return new Setting(
    "--allow-targets <list>",
    "POSTHORN_ALLOW_TARGETS",
    "addresses, CIDR ranges and host names to allow as targets even if they are not public, separated by commas",
  ).takes(commaSeparated, "");
}

export function egressProxySetting(): Setting {
  return new Setting(
    "--egress-proxy <url>",
    "POSTHORN_EGRESS_PROXY",
    "an HTTP proxy for all deliveries (CONNECT): http://user:password@host:port; or, as name=http://…, for endpoints that choose that name. Several separated by commas, or each with its own --egress-proxy",
  ).collects(commaSeparated);
}

export function egressAddressSetting(): Setting {
  return new Setting(
    "--egress-address <address>",
    "POSTHORN_EGRESS_ADDRESS",
    "the address of this machine that deliveries leave from (default: the system's choice)",
  );
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

export function retainJobsSetting(): Setting {
  return new Setting(
    "--retain-jobs <duration>",
    "POSTHORN_RETAIN_JOBS",
    "how long finished jobs are kept",
  ).takes(duration, "30d");
}

export function retainSucceededSetting(): Setting {
  return new Setting(
    "--retain-succeeded <duration>",
    "POSTHORN_RETAIN_SUCCEEDED",
    "how long succeeded jobs are kept (default: same as --retain-jobs)",
  ).takes(duration);
}

export function retainSizeSetting(): Setting {
  return new Setting(
    "--retain-size <size>",
    "POSTHORN_RETAIN_SIZE",
    "above this size of a SQLite file, such as 20GiB, the oldest finished jobs are deleted early (default: no limit)",
  ).takes(byteSize);
}

export function retainSucceededSizeSetting(): Setting {
  return new Setting(
    "--retain-succeeded-size <size>",
    "POSTHORN_RETAIN_SUCCEEDED_SIZE",
    "above this size of what succeeded jobs hold, the oldest go before their time, such as 5GiB (default: by age alone)",
  ).takes(byteSize);
}

export function retainFailedSizeSetting(): Setting {
  return new Setting(
    "--retain-failed-size <size>",
    "POSTHORN_RETAIN_FAILED_SIZE",
    "the same of failed and cancelled jobs (default: by age alone)",
  ).takes(byteSize);
}

export function retainAuditSetting(): Setting {
  return new Setting(
    "--retain-audit <duration>",
    "POSTHORN_RETAIN_AUDIT",
    "how long entries of the audit are kept (default: 400d)",
  ).takes(duration);
}

export function retainFailedSetting(): Setting {
  return new Setting(
    "--retain-failed <duration>",
    "POSTHORN_RETAIN_FAILED",
    "how long failed and cancelled jobs are kept (default: same as --retain-jobs)",
  ).takes(duration);
}

export function breakerFailuresSetting(): Setting {
  return new Setting(
    "--breaker-failures <number>",
    "POSTHORN_BREAKER_FAILURES",
    "failures in a row after which an endpoint's deliveries wait until one succeeds",
  ).takes(wholeNumber(1, 1_000), "10");
}

export function disableFailingAfterSetting(): Setting {
  return new Setting(
    "--disable-failing-after <duration>",
    "POSTHORN_DISABLE_FAILING_AFTER",
    "how long an endpoint may fail without a success before it is disabled",
  ).takes(duration, "5d");
}

export function logSuccessesSetting(): Setting {
  return new Setting(
    "--log-successes",
    "POSTHORN_LOG_SUCCESSES",
    "log attempts that succeed, too: at most 100 a second",
  );
}

export function logLevelSetting(): Setting {
  return new Setting(
    "--log-level <level>",
    "POSTHORN_LOG_LEVEL",
    `lowest level that is logged to standard error: ${LOG_LEVELS.join(", ")}`,
  ).takes(oneOf(...LOG_LEVELS), "info");
}
