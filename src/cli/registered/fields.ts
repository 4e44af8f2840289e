import { ConfigurationError } from "../../core/errors.ts";

/**
 * The JSON object of `name=value` arguments. A value that is JSON stays as it is written; any other is a string: `name=Acme`,
 * `event_types=["invoice.*"]`, `filter=null`.
 * @throws ConfigurationError
 */
export function bodyOf(fields: readonly string[]): string {
  const members = fields.map((field) => {
    const at = field.indexOf("=");
    if (at < 1) throw new ConfigurationError(`${JSON.stringify(field)} is not of the form name=value`);
    const [name, value] = [field.slice(0, at), field.slice(at + 1)];
    return `${JSON.stringify(name)}:${isJson(value) ? value : JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
