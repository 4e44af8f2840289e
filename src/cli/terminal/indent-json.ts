import { isJson } from "../../core/json/is-json.ts";

/**
 * JSON with a line for each member, and otherwise as it was written: parsing and writing it again would show numbers past 2^53
 * as other numbers.
 * @returns undefined when the text is not JSON.
 */
export function indentJson(text: string): string | undefined {
  if (!isJson(text)) return undefined;
  let depth = 0;
  let shown = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") shown += token + line(++depth);
    else if (token === "}" || token === "]") shown += line(--depth) + token;
    else if (token === ",") shown += token + line(depth);
    else if (token === ":") shown += ": ";
    else shown += token;
  }
  return shown;
}

/** Strings, empty objects and arrays, punctuation, and the numbers and words between; white space is left out. */
const TOKEN = /"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s{}[\],:"]+/g;

function line(depth: number): string {
  return `\n${"  ".repeat(depth)}`;
}
