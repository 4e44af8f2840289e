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
    .summary("Imports endpoints from another sender.")
    .description(
      "Creates the tenants and endpoints of a JSON file (docs/moving.md), or of Svix's API, with their uids and secrets, so that receivers notice nothing. The whole file is checked before anything is created. What already exists stays as it is, so you can run the command as often as you like.",
    )
    .argument("[file]", "the file to read, or - for standard input")
    .option("--dry-run", "check everything and print what would be created, without creating it")
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
        const verb = options.dryRun ? "would be created" : "created";
        if (options.json) printJson(io.stdout, { tenants, endpoints, remarks });
        else {
          for (const remark of remarks) io.stderr.write(`${remark}\n`);
          io.stdout.write(
            `${counted(endpoints.created, "endpoint")} ${verb}, ${endpoints.existing} already exist; ${counted(tenants.created, "tenant")} ${verb}\n`,
          );
        }
      } finally {
        await posthorn.close();
      }
    });
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

async function source(file: string | undefined, { fromSvix, svixToken }: ImportOptions, io: Io) {
  if ((file === undefined) === (fromSvix === undefined))
    throw new ConfigurationError("give either a file (- for standard input), or --from-svix");
  if (file !== undefined) return { document: await readFile(file, io), remarks: [] };
  if (!svixToken) throw new ConfigurationError("--from-svix needs --svix-token, or POSTHORN_SVIX_TOKEN");
  return readSvix(fromSvix ?? "", svixToken);
}
