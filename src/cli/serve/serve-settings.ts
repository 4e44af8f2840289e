import { InvalidArgumentError } from "commander";
import { backupSettings } from "../backup/backup-settings.ts";
import { Setting } from "../terminal/setting.ts";
import { accessSettings } from "./access-settings.ts";
import { limitSettings } from "./limit-settings.ts";
import { observingSettings } from "./observing-settings.ts";
import { operationalSettings } from "./operational-settings.ts";
import {
  breakerSettings,
  concurrencySetting,
  drainTimeoutSetting,
  tagSetting,
  tasksSetting,
} from "./work-settings.ts";

/** The server's settings, by the headings of its help. */
export function serveSettings(): Readonly<Record<string, readonly Setting[]>> {
  return {
    "Access:": accessSettings(),
    "Work:": [
      tasksSetting(),
      tagSetting(),
      concurrencySetting(),
      new Setting("--no-worker", "POSTHORN_NO_WORKER", "accept and look up jobs, but run none"),
      drainTimeoutSetting(),
      ...breakerSettings(),
      ...operationalSettings(),
    ],
    "Limits:": limitSettings(),
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

function traceUrl(text: string): string {
  if (/^https?:/.test(URL.parse(text)?.protocol ?? "") && text.includes("{trace_id}")) return text;
  throw new InvalidArgumentError(
    "It takes a URL with {trace_id} in it, such as https://grafana.example.com/trace/{trace_id}.",
  );
}
