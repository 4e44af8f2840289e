import { Command } from "commander";
import { DEFAULT_LISTEN_PORT } from "../terminal/defaults.ts";
import { invocation } from "../terminal/invocation.ts";
import type { Io } from "../terminal/io.ts";
import { addSettings, Setting } from "../terminal/setting.ts";
import { commaSeparated, duration, httpUrl, port, share, wholeNumber } from "../terminal/values.ts";
import { type ListenCommandOptions, listenForWebhooks } from "./listen.ts";

const EXAMPLES = `
Examples:
  ${invocation()} listen
      next to a server started in the same folder, whose secrets it finds by itself
  ${invocation()} listen --fail-rate 0.3
      to see deliveries retried
  ${invocation()} listen --status 410
      to see a delivery give up
  ${invocation()} listen --forward-to http://localhost:3000/hooks
      to see what your own receiver gets, and answers
  ${invocation()} listen --delay 20s
      to see attempts time out`;

/** `posthorn listen` */
export function listenCommand(io: Io): Command {
  const command = new Command("listen")
    .summary("receive webhooks here, verify and print them")
    .description(
      "A receiver to try deliveries with. Checks each request's Standard Webhooks signature, prints the request, and answers 200, or 401 when the signature is wrong. With --forward-to, your own receiver gets it and decides on the answer, which is printed too.",
    )
    .addHelpText("after", EXAMPLES)
    .action((_: unknown, own: Command) => listenForWebhooks(own.optsWithGlobals<ListenCommandOptions>(), io));
  return addSettings(command, listenSettings());
}

function listenSettings(): Setting[] {
  return [
    new Setting("--host <host>", "POSTHORN_LISTEN_HOST", "address to listen on").default("127.0.0.1"),
    new Setting("--port <number>", "POSTHORN_LISTEN_PORT", "port to listen on, 0 for any").takes(
      port,
      String(DEFAULT_LISTEN_PORT),
    ),
    new Setting("--secret <secret>", "POSTHORN_LISTEN_SECRET", "whsec_… or whpk_…, several comma-separated")
      .takes(commaSeparated)
      .default([], "the secrets in --database"),
    new Setting(
      "--forward-to <url>",
      "POSTHORN_LISTEN_FORWARD_TO",
      "forward each request unchanged to your receiver, and return its answer",
    ).takes(httpUrl),
    new Setting(
      "--fail-rate <share>",
      "POSTHORN_LISTEN_FAIL_RATE",
      "share of requests to fail, such as 0.3",
    ).takes(share),
    new Setting(
      "--status <code>",
      "POSTHORN_LISTEN_STATUS",
      "the status of failing requests (default: 500); without --fail-rate, of every request",
    ).takes(wholeNumber(200, 599)),
    new Setting("--delay <duration>", "POSTHORN_LISTEN_DELAY", "wait this long before each answer").takes(
      duration,
      "0s",
    ),
  ];
}
