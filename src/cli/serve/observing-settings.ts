import type { LogLevel } from "../../observe/log.ts";
import { LOG_LEVELS } from "../../observe/log.ts";
import { Setting } from "../terminal/setting.ts";
import { type Address, address, oneOf, wholeNumber } from "../terminal/values.ts";

/** What a process tells of its work: its log, its metrics, its traces. */
export interface ObservingSettings {
  readonly logLevel: LogLevel;
  readonly logSuccesses?: boolean;
  readonly metricsListen?: Address;
  readonly metricsEndpoints?: number;
  readonly propagateTrace?: boolean;
  readonly attemptTraces?: "link" | "child";
}

export function observingSettings(): Setting[] {
  return [
    new Setting(
      "--log-level <level>",
      "POSTHORN_LOG_LEVEL",
      `lowest level logged to standard error: ${LOG_LEVELS.join(", ")}`,
    ).takes(oneOf(...LOG_LEVELS), "info"),
    new Setting(
      "--log-successes",
      "POSTHORN_LOG_SUCCESSES",
      "log attempts that succeed, too: at most 100 a second",
    ),
    metricsListenSetting(),
    new Setting(
      "--metrics-endpoints <number>",
      "POSTHORN_METRICS_ENDPOINTS",
      "show this many of the worst endpoints in /metrics, by id (default: 0)",
    ).takes(wholeNumber(0, 1_000)),
    new Setting(
      "--propagate-trace",
      "POSTHORN_PROPAGATE_TRACE",
      "send traceparent and tracestate to receivers, which reveals your trace ids to them",
    ),
    new Setting(
      "--attempt-traces <how>",
      "POSTHORN_ATTEMPT_TRACES",
      "how attempts belong to the trace that enqueued their job: link begins one for each attempt, child stays in it (default: link)",
    ).takes(oneOf("link", "child")),
  ];
}

export function metricsListenSetting(): Setting {
  return new Setting(
    "--metrics-listen <address>",
    "POSTHORN_METRICS_LISTEN",
    "serve /metrics, /healthz, /startupz and /readyz here, without a key: a port, or host:port (default: nowhere)",
  ).takes(address);
}
