import { ConfigurationError } from "../../core/errors.ts";
import { isJson } from "../../core/json/is-json.ts";

/**
 * The JSON object of `name=value` arguments. A value that is JSON stays as it is written; any other is a string: `name=Acme`,
 * `event_types=["invoice.*"]`, `filter=null`.
 * @throws ConfigurationError
 */
export function bodyOf(fields: readonly string[]): string {
  const members = fields.map((field) => {
    const [name, value] = namedValue(field);
    return `${JSON.stringify(name)}:${isJson(value) ? value : JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}`;
}

/**
 * The values of a list's `name=value` conditions, by name.
 * @throws ConfigurationError
 */
export function conditionsOf(
  conditions: readonly string[],
  known: readonly string[],
): Readonly<Record<string, string>> {
  const given = conditions.map(namedValue);
  for (const [name] of given)
    if (!known.includes(name))
      throw new ConfigurationError(`${name} is not a condition of this list; those are ${known.join(", ")}`);
  return Object.fromEntries(given);
}

function namedValue(field: string): [name: string, value: string] {
  const at = field.indexOf("=");
  if (at < 1) throw new ConfigurationError(`${JSON.stringify(field)} must be written name=value`);
  return [field.slice(0, at), field.slice(at + 1)];
}
