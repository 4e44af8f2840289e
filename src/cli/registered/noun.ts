import { Command } from "commander";
import { allowTargetsSetting } from "../serve/work-settings.ts";
import { type Io, printJson } from "../terminal/io.ts";
import { printTable } from "../terminal/table.ts";
import { bodyOf, conditionsOf } from "./fields.ts";
import { type Asked, type AskOptions, askApi } from "./in-process-api.ts";

type Row = Readonly<Record<string, unknown>>;

/** What a command asks the API, and how it is written and told of. */
export interface Verb {
  readonly name: string;
  readonly description: string;
  readonly method: Asked["method"];
  /** Its parts in braces are arguments, in this order: `/tenants/{tenant}`. */
  readonly path: string;
  /** Whether it takes `name=value` fields. */
  readonly takesFields?: true;
  /** Of a list: what its query takes besides the page, and what is shown of each row. */
  readonly list?: { readonly query: readonly string[]; readonly columns: readonly string[] };
}

/** `posthorn <noun> …`: the verbs of one kind of thing. */
export function nounCommand(
  name: string,
  summary: string,
  verbs: readonly Verb[],
  examples: string,
  io: Io,
): Command {
  const command = new Command(name)
    .summary(summary)
    .description(
      "Works on the database itself; running servers follow within a second. Fields are written name=value, by the names of the API; a value that is JSON is taken as JSON.",
    )
    .addHelpText("after", `\nExamples:\n${examples}`);
  for (const verb of verbs) command.addCommand(verbCommand(verb, io));
  return command;
}

function verbCommand(verb: Verb, io: Io): Command {
  const { name, description, method, path, takesFields, list } = verb;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, each = ""]) => each);
  const command = new Command(name).description(description);
  for (const each of names) command.argument(`<${each}>`);
  if (takesFields) command.argument("[fields...]", "name=value").addOption(allowTargetsSetting());
  const conditions = list && ["limit", "cursor", ...list.query];
  if (list) {
    command.argument("[conditions...]", "name=value, in place of the options");
    command.option("--limit <number>", "at most this many, up to 250", "50");
    command.option("--cursor <cursor>", "of another page");
    for (const each of list.query) command.option(`--${each.replaceAll("_", "-")} <${each}>`);
  }
  return command.action(async (...given: unknown[]) => {
    const options = command.optsWithGlobals<AskOptions & Readonly<Record<string, unknown>>>();
    const values = given.slice(0, names.length).map(String);
    const filled = path.replace(/\{\w+\}/g, () => encodeURIComponent(values.shift() ?? ""));
    const rest = takesFields || list ? (given[names.length] as string[]) : []; // commander gives the rest as a list
    const asked = {
      method,
      path: conditions ? filled + queryOf(conditions, options, conditionsOf(rest, conditions)) : filled,
      ...(takesFields && { body: bodyOf(rest) }),
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
