import { Command } from "commander";
import { ConfigurationError } from "../../../core/errors.ts";
import { allowTargetsSetting } from "../../serve/work-settings.ts";
import { invocation } from "../../terminal/invocation.ts";
import { type Io, printJson } from "../../terminal/io.ts";
import { Setting } from "../../terminal/setting.ts";
import { httpUrl } from "../../terminal/values.ts";
import { type AskOptions, openHere } from "../in-process-api.ts";
import { importInto } from "./import-into.ts";
import { readFile } from "./read-file.ts";
import { readSvix } from "./read-svix.ts";

interface ImportOptions extends AskOptions {
  readonly fromSvix?: string;
  readonly svixToken?: string;
  readonly dryRun?: boolean;
}

/** `posthorn endpoints import` */
export function importEndpointsCommand(io: Io): Command {
  return new Command("import")
    .summary("take over endpoints from another sender")
    .description(
      "Makes the tenants and endpoints of a JSON file (docs/moving.md), with their uids and secrets, so that receivers notice nothing; or those that Svix's API gives. The whole file is checked before anything is made. What is there already stays as it is: give the command again as often as you like.",
    )
    .argument("[file]", "the file to read, or - for standard input")
    .option("--dry-run", "check everything, and tell what would be made")
    .addOption(
      new Setting(
        "--from-svix <url>",
        "POSTHORN_SVIX_URL",
        "read them from Svix's API instead, such as https://api.eu.svix.com",
      ).takes(httpUrl),
    )
    .addOption(new Setting("--svix-token <token>", "POSTHORN_SVIX_TOKEN", "the token for Svix's API"))
    .addOption(allowTargetsSetting())
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} endpoints import endpoints.json --dry-run
  POSTHORN_SVIX_TOKEN=… ${invocation()} endpoints import --from-svix https://api.eu.svix.com`,
    )
    .action(async (file: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ImportOptions>();
      const { document, remarks } = await source(file, options, io);
      const posthorn = await openHere(options, io);
      try {
        const { tenants, endpoints } = await importInto(posthorn, document, options.dryRun === true);
        const verb = options.dryRun ? "would be made" : "made";
        if (options.json) printJson(io.stdout, { tenants, endpoints, remarks });
        else {
          for (const remark of remarks) io.stderr.write(`${remark}\n`);
          io.stdout.write(
            `${endpoints.created} endpoints ${verb}, ${endpoints.existing} are there already; ${tenants.created} tenants ${verb}\n`,
          );
        }
      } finally {
        await posthorn.close();
      }
    });
}

async function source(file: string | undefined, { fromSvix, svixToken }: ImportOptions, io: Io) {
  if ((file === undefined) === (fromSvix === undefined))
    throw new ConfigurationError("give either a file (- for standard input), or --from-svix");
  if (file !== undefined) return { document: await readFile(file, io), remarks: [] };
  if (!svixToken) throw new ConfigurationError("--from-svix needs --svix-token, or POSTHORN_SVIX_TOKEN");
  return readSvix(fromSvix ?? "", svixToken);
}
