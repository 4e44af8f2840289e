import { textOf, wrong } from "../core/options.ts";

const LONGEST = 1_000;

/**
 * What people read about something that is registered.
 * @throws InvalidInputError
 */
export function descriptionOf(value: string): string {
  const text = textOf(value, ["description"]);
  if (text.length > LONGEST) throw wrong(["description"], `must be at most ${LONGEST} characters`);
  if (!text.isWellFormed() || text.includes("\0"))
    throw wrong(["description"], "must not contain NUL or half a surrogate pair");
  return text;
}
