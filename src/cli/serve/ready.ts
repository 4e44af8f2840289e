import { relative } from "node:path";
import { VERSION } from "../../version.ts";
import { DEFAULT_DATABASE, DEFAULT_LISTEN_PORT } from "../terminal/defaults.ts";
import { invocation } from "../terminal/invocation.ts";
import { type Output, printJson } from "../terminal/io.ts";
import { shellQuoted } from "../terminal/shell-quoted.ts";

export interface Ready {
  readonly url: string;
  /** Absolute path, or a connection string without its password. */
  readonly database: string;
  readonly dev: boolean;
  readonly worker: boolean;
  /** Whether it has a console. */
  readonly console: boolean;
  /** The names of the tasks that it was given. */
  readonly tasks: readonly string[];
  readonly json: boolean;
}

/** Says that the server is listening, where everything is, and what to type next. */
export function printReady(
  output: Output,
  { url, database, dev, worker, tasks, json, ...ready }: Ready,
): void {
  const docs = `${url}/docs`;
  const console = ready.console ? `${url}/console` : null;
  if (json) {
    printJson(output, { url, database, docs, console, dev, worker, tasks });
    return;
  }
  const mode = dev ? "dev mode: loopback only, no key needed" : "every request needs a key";
  output.write(
    `Posthorn ${VERSION} listens on ${url} (${mode}${worker ? "" : "; no worker: it runs no jobs"})\n\n`,
  );
  if (console) output.write(`  console  ${console}${output.isTTY ? "   press o to open it" : ""}\n`);
  output.write(`  docs     ${docs}\n  data     ${database}\n`);
  if (tasks.length > 0) output.write(`  tasks    ${tasks.join(", ")}\n`);
  output.write("\n");
  if (dev) output.write(firstSteps(url, database, console));
}

function firstSteps(url: string, database: string, console: string | null): string {
  const isDefault = relative(process.cwd(), database) === DEFAULT_DATABASE;
  const where = isDefault ? "" : ` --database ${shellQuoted(database)}`;
  const body = `{"target_url": "http://127.0.0.1:${DEFAULT_LISTEN_PORT}/", "payload": {"hello": "world"}}`;
  const look = console ? `Try it in the console, or from here. In a second` : "Try it. In a second";
  return (
    `${look} terminal, start something to deliver to:\n\n` +
    `  ${invocation()} listen${where}\n\n` +
    "In a third, ask for a delivery, and watch it arrive in the second:\n\n" +
    `  curl -i ${url}/webhooks/deliver -H 'content-type: application/json' -d '${body}'\n\n` +
    "Ctrl-C stops the server; nothing that was accepted is lost.\n"
  );
}
