import { BY_COMMAND_LINE } from "../../../core/actor.ts";
import { ConfigurationError, type FieldProblem, InvalidInputError } from "../../../core/errors.ts";
import { fieldNamed } from "../../../http/request/request-error.ts";
import type { EndpointsDocument, EndpointsImported, Posthorn } from "../../../posthorn.ts";

/** How many problems are reported at once. */
const MOST_TOLD = 20;
/** Their members are the caller's own, and have no other names in the library. */
const OF_THE_CALLER: ReadonlySet<string> = new Set(["metadata", "headers", "filter", "parameters"]);

/**
 * @param document with members named as the API names them.
 * @throws ConfigurationError naming what is wrong, by where it stands.
 */
export async function importInto(
  posthorn: Posthorn,
  document: unknown,
  dryRun: boolean,
): Promise<EndpointsImported> {
  try {
    // the library checks it, whatever it is
    return await posthorn.webhooks.importEndpoints(
      inCamelCase(document) as EndpointsDocument,
      { dryRun },
      { actor: BY_COMMAND_LINE },
    );
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const told = error.problems.slice(0, MOST_TOLD).map(shown);
    const more = error.problems.length - told.length;
    const lines = more > 0 ? [...told, `and ${more} more`] : told;
    throw new ConfigurationError(`nothing was imported:\n  ${lines.join("\n  ")}`);
  }
}

function shown({ path, detail }: FieldProblem): string {
  const place = path.map(fieldNamed).reduce<string>((before, step) => {
    if (typeof step === "number") return `${before}[${step}]`;
    return before === "" ? step : `${before}.${step}`;
  }, "");
  return `${place || "the file"} ${detail}`;
}

function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    OF_THE_CALLER.has(name) ? member : inCamelCase(member),
  ]);
  return Object.fromEntries(members);
}
