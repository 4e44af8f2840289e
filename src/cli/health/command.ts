import { Command } from "commander";
import { hostSetting, portSetting } from "../serve/listen-settings.ts";
import { metricsListenSetting } from "../serve/observing-settings.ts";
import { Setting } from "../terminal/setting.ts";
import { httpUrl } from "../terminal/values.ts";
import { type HealthOptions, health } from "./health.ts";

/** `posthorn health` */
export function healthCommand(): Command {
  return new Command("health")
    .summary("ask whether this machine's server or worker is ready, by exit code")
    .description(
      "Asks /readyz of the server or worker that runs with the same settings. Exits with 0 if it is ready, otherwise with 1 and the reason. For images without curl.",
    )
    .addOption(
      new Setting(
        "--url <url>",
        "POSTHORN_HEALTH_URL",
        "what to ask instead: a server such as http://10.0.0.7:8000, or one of its URLs, such as …/healthz (default: /readyz at --metrics-listen, or else at --host and --port)",
      ).takes(httpUrl),
    )
    .addOption(hostSetting())
    .addOption(portSetting())
    .addOption(metricsListenSetting())
    .action((_: unknown, command: Command) => health(command.optsWithGlobals<HealthOptions>()));
}
