import { Command, Option } from "commander";
import { allowTargetsSetting } from "../serve/work-settings.ts";
import { invocation } from "../terminal/invocation.ts";
import { type Io, printJson } from "../terminal/io.ts";
import { printTable } from "../terminal/table.ts";
import { bodyOf, conditionsOf } from "./fields.ts";
import { type Asked, type AskOptions, askApi } from "./in-process-api.ts";

type Row = Readonly<Record<string, unknown>>;

/** A command that makes a request to the API: its form, its help, and its output. */
export interface Verb {
  readonly name: string;
  readonly description: string;
  readonly method: Asked["method"];
  /** Its parts in braces are arguments, in this order: `/tenants/{tenant}`. */
  readonly path: string;
  /** The names of the `name=value` fields that it takes, as help shows them. */
  readonly fields?: string;
  /** Whether it reaches, or names, a receiver, which may have to be allowed. */
  readonly meetsTargets?: true;
  /** Of a list: what its query takes besides the page, each with what it means, and what is shown of each row. */
  readonly list?: { readonly query: Readonly<Record<string, string>>; readonly columns: readonly string[] };
}

/** What the parts of paths are, by their names. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  tenant: "its uid or id",
  endpoint: "its uid or id",
  event: "msg_…",
  bulk_run: "qtask_…",
  fingerprint: "as `failures list` shows it",
  name: "such as invoice.paid",
};

/** `posthorn <noun> …`: the verbs of one kind of thing. @param examples without the name of the program. */
export function nounCommand(
  name: string,
  summary: string,
  verbs: readonly Verb[],
  examples: readonly string[],
  io: Io,
): Command {
  const command = new Command(name)
    .summary(summary)
    .description(
      "Works on the database directly, whether or not a server is running; servers notice changes within a second. Write fields as name=value, with the API's names; a value that is valid JSON is read as JSON, any other as a string.",
    )
    .addHelpText("after", `\nExamples:\n${examples.map((each) => `  ${invocation()} ${each}`).join("\n")}`);
  for (const verb of verbs) command.addCommand(verbCommand(verb, io));
  return command;
}

function verbCommand(verb: Verb, io: Io): Command {
  const { name, description, method, path, fields, meetsTargets, list } = verb;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, each = ""]) => each);
  const command = new Command(name).description(description);
  for (const each of names) command.argument(`<${each}>`, ARGUMENTS[each]);
  if (fields) command.argument("[fields...]", `name=value: ${fields}`);
  if (meetsTargets) command.addOption(allowTargetsSetting());
  const conditions = list && ["limit", "cursor", ...Object.keys(list.query)];
  if (list) {
    command.argument("[conditions...]", "the options below, written as name=value");
    command.addOption(new Option("--limit <number>", "maximum number to show, 1 to 250").default("50", "50"));
    command.option("--cursor <cursor>", "show another page: the cursor that this command printed");
    for (const [each, means] of Object.entries(list.query))
      command.option(`--${each.replaceAll("_", "-")} <${each}>`, means);
  }
  return command.action(async (...given: unknown[]) => {
    const options = command.optsWithGlobals<AskOptions & Readonly<Record<string, unknown>>>();
    const values = given.slice(0, names.length).map(String);
    const filled = path.replace(/\{\w+\}/g, () => encodeURIComponent(values.shift() ?? ""));
    const rest = fields || list ? (given[names.length] as string[]) : []; // commander gives the rest as a list
    const asked = {
      method,
      path: conditions ? filled + queryOf(conditions, options, conditionsOf(rest, conditions)) : filled,
      ...(fields && { body: bodyOf(rest) }),
    };
    print(await askApi(asked, options, io), verb, options, io);
  });
}

function queryOf(
  names: readonly string[],
  options: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams();
  for (const name of names) {
    const value = given[name] ?? options[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
    if (value !== undefined) query.set(name, String(value));
  }
  return `?${query}`;
}

function print(told: unknown, { name, list }: Verb, { json }: AskOptions, io: Io): void {
  if (told === undefined) {
    if (json) printJson(io.stdout, { done: name });
    else io.stdout.write("done\n");
  } else if (json || !list) printJson(io.stdout, told);
  else {
    const { data, next_cursor: next } = told as { data: Row[]; next_cursor: string | null }; // as every list of the API
    const rows = data.map((row) => list.columns.map((column) => shown(row[column])));
    printTable(
      io.stdout,
      list.columns.map((column) => column.toUpperCase().replaceAll("_", " ")),
      rows,
    );
    if (next !== null) io.stderr.write(`More: --cursor ${next}\n`);
  }
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}
