import { type FieldProblem, InvalidInputError } from "../../../core/errors.ts";
import { eventTypeOf } from "../../../core/names.ts";
import { collectProblems, wrong } from "../../../core/options.ts";

/**
 * Which event types an endpoint wants, as a list of patterns:
 *
 * | pattern        | wants                                                                                        |
 * |----------------|----------------------------------------------------------------------------------------------|
 * | `invoice.paid` | that type                                                                                    |
 * | `invoice.*`    | all that begin with `invoice.`, however many parts follow: `invoice.paid`, `invoice.line.added`; not `invoice` |
 * | `*`            | all, as an endpoint without a list does                                                      |
 *
 * A `*` anywhere else (`*.paid`, `inv*`) is refused: it would be read in more ways than one.
 */

const EVERY_TYPE = "*";
const REST = ".*";
/** An endpoint is compared with every event of its tenant, and kept in memory for that. */
const MOST_PATTERNS = 1_000;
const PATH = ["eventTypes"];

/**
 * 1 to 1000 patterns; one that is repeated counts once.
 * @throws InvalidInputError naming every pattern that is wrong.
 */
export function eventTypePatternsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value))
    throw wrong(PATH, "must be a list of event types, such as invoice.paid or invoice.*");
  if (value.length === 0)
    throw wrong(PATH, "must name at least one event type; leave it out, or null, for all of them");
  if (value.length > MOST_PATTERNS)
    throw wrong(PATH, `must be at most ${MOST_PATTERNS} event types; there are ${value.length}`);
  const problems: FieldProblem[] = [];
  const patterns = value.map((pattern, at) =>
    collectProblems(problems, () => patternOf(pattern, [...PATH, at])),
  );
  if (problems.length > 0) throw new InvalidInputError(problems);
  return [...new Set(patterns.filter((pattern) => pattern !== undefined))];
}

/** Every pattern that wants this type: an endpoint wants it whose list holds one of these. */
export function patternsThatWant(type: string): ReadonlySet<string> {
  const patterns = new Set([type, EVERY_TYPE]);
  for (let dot = type.indexOf(".", 1); dot !== -1 && dot < type.length - 1; dot = type.indexOf(".", dot + 1))
    patterns.add(type.slice(0, dot) + REST);
  return patterns;
}

function patternOf(pattern: unknown, path: FieldProblem["path"]): string {
  if (typeof pattern !== "string" || !pattern.includes("*")) return eventTypeOf(pattern, path);
  if (pattern === EVERY_TYPE) return pattern;
  const beginning = pattern.endsWith(REST) ? pattern.slice(0, -REST.length) : "";
  if (beginning === "" || beginning.includes("*"))
    throw wrong(
      path,
      "may contain a * only as its last part, after a dot (invoice.*), or alone for all types",
    );
  return `${eventTypeOf(beginning, path)}${REST}`;
}
