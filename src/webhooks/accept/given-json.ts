import { type FieldProblem, messageOf } from "../../core/errors.ts";
import { toJsonText } from "../../core/json/json-text.ts";
import { wrong } from "../../core/options.ts";
import { JsonText } from "./deliver-request.ts";

/**
 * A value as JSON: a `JsonText` as it is written, anything else as `JSON.stringify` writes it. @throws InvalidInputError when something
 * would be lost.
 */
export function jsonOf(value: unknown, path: FieldProblem["path"]): string {
  if (value instanceof JsonText) {
    if (value.text.isWellFormed()) return value.text;
    throw wrong(path, "contains half a surrogate pair, which UTF-8 cannot encode");
  }
  try {
    return toJsonText(value);
  } catch (error) {
    throw wrong(path, messageOf(error));
  }
}
