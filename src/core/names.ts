import { type FieldProblem, InvalidInputError } from "./errors.ts";
import type { IdPrefix } from "./id.ts";
import { collectProblems, textOf, wrong } from "./options.ts";

/**
 * The names that callers choose: ids of their own, event types, channels, tags. The grammars are Svix's, so that a name is the
 * same through either API. They hold no comma, so that a query may list several, and no slash where a path holds them.
 */

type Path = FieldProblem["path"];

/** The uid of the reserved tenant, the operator's own, whose endpoints receive operational events. */
export const OPERATORS = "posthorn";

/** What callers can give an id of their own: tenants and endpoints (`uid`), and events (`event_id`). */
export type CallerNamed = Extract<IdPrefix, "app" | "ep" | "msg">;

const LONGEST_NAME = 256;
const NAME = /^[a-zA-Z0-9\-_.]+$/;
const NAME_TAKES = "letters, digits, -, _ and .";

/** In characters, of a channel and of a tag. */
const LONGEST_LABEL = 128;
/** Of an event, and of an endpoint. */
export const MOST_LABELS = 10;
const CHANNEL = { grammar: /^[a-zA-Z0-9\-_.:+]+$/, takes: "letters, digits, -, _, ., : and +" };
const TAG = { grammar: /^[a-zA-Z0-9\-_./\\#:+]+$/, takes: "letters, digits, -, _, ., /, \\, #, : and +" };

/**
 * An id that the caller chose: 1 to 256 letters, digits, `-`, `_` and `.`. It must not start like Posthorn's own ids, so that a path can
 * take either kind without ambiguity.
 * @param prefix the prefix of Posthorn's own ids for this kind of thing.
 * @throws InvalidInputError
 */
export function callerIdOf(value: unknown, prefix: CallerNamed, path: Path): string {
  const name = nameOf(value, path);
  if (name.startsWith(`${prefix}_`))
    throw wrong(path, `must not begin with ${prefix}_, as Posthorn's own ids do`);
  return name;
}

/** Whether this could be an id that a caller chose, rather than one of Posthorn's own. */
export function isCallerId(text: string, prefix: CallerNamed): boolean {
  return collectProblems([], () => callerIdOf(text, prefix, [])) !== undefined;
}

/**
 * 1 to 256 letters, digits, `-`, `_` and `.`: `invoice.paid`.
 * @throws InvalidInputError
 */
export function eventTypeOf(value: unknown, path: Path = ["type"]): string {
  return nameOf(value, path);
}

/**
 * 1 to 10 channels of at most 128 letters, digits, `-`, `_`, `.`, `:` and `+` each; one that is repeated counts once.
 * @throws InvalidInputError naming every channel that is wrong.
 */
export function channelsOf(value: unknown, path: Path = ["channels"]): readonly string[] {
  return labelsOf(value, CHANNEL, "channel", path);
}

/**
 * As channels; a tag may also hold `/`, `\` and `#`.
 * @throws InvalidInputError naming every tag that is wrong.
 */
export function tagsOf(value: unknown, path: Path = ["tags"]): readonly string[] {
  return labelsOf(value, TAG, "tag", path);
}

/** What is wrong with it as a tag. */
export function wrongTag(text: unknown): string | undefined {
  return wrongLabel(text, TAG.grammar, TAG.takes);
}

function nameOf(value: unknown, path: Path): string {
  const name = textOf(value as string, path); // textOf checks it
  if (name.length === 0 || name.length > LONGEST_NAME)
    throw wrong(path, `must have 1 to ${LONGEST_NAME} characters, not ${name.length}`);
  if (!NAME.test(name)) throw wrong(path, `may contain only ${NAME_TAKES}`);
  if (name === "." || name === "..") throw wrong(path, `must not be "${name}", which no URL can name`);
  return name;
}

function labelsOf(
  value: unknown,
  { grammar, takes }: typeof CHANNEL,
  what: string,
  path: Path,
): readonly string[] {
  if (!Array.isArray(value)) throw wrong(path, `must be a list of ${what}s`);
  if (value.length === 0) throw wrong(path, `must name at least one ${what}, or be left out`);
  const labels = new Set<string>(value); // the problems below say which are not strings
  if (labels.size > MOST_LABELS)
    throw wrong(path, `must be at most ${MOST_LABELS} ${what}s; there are ${labels.size}`);
  const problems = value.flatMap((label, at) => {
    const detail = wrongLabel(label, grammar, takes);
    return detail === undefined ? [] : [{ path: [...path, at], detail }];
  });
  if (problems.length > 0) throw new InvalidInputError(problems);
  return [...labels];
}

function wrongLabel(label: unknown, grammar: RegExp, takes: string): string | undefined {
  if (typeof label !== "string") return "must be a string";
  if (label.length > LONGEST_LABEL) return `must be at most ${LONGEST_LABEL} characters long`;
  return grammar.test(label) ? undefined : `must hold at least one character, and only ${takes}`;
}
