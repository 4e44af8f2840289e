import { Command } from "commander";
import { hostSetting, portSetting } from "../serve/listen-settings.ts";
import { metricsListenSetting } from "../serve/work-settings.ts";
import { Setting } from "../terminal/setting.ts";
import { httpUrl } from "../terminal/values.ts";
import { type HealthOptions, health } from "./health.ts";

/** `posthorn health` */
export function healthCommand(): Command {
  return new Command("health")
    .summary("ask whether the server or worker of this machine is ready, by exit code")
    .description(
      "Asks /readyz of the server or worker that runs with the same settings, and exits with 0 when it is ready, otherwise with 1, saying why. For images without curl.",
    )
    .addOption(
      new Setting(
        "--url <url>",
        "POSTHORN_HEALTH_URL",
        "what to ask instead: a server, http://10.0.0.7:8000, or an address of it, …/healthz (default: /readyz where --metrics-listen, or else --host and --port, say)",
      ).takes(httpUrl),
    )
    .addOption(hostSetting())
    .addOption(portSetting())
    .addOption(metricsListenSetting())
    .action((_: unknown, command: Command) => health(command.optsWithGlobals<HealthOptions>()));
}
