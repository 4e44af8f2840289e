import { endOfString, endOfValue, skipSpace } from "../../core/json/json-member.ts";

/** What a value begins with says what it is. */
export type Kind = "object" | "list" | "string" | "other";

/** What happens to a value: undefined to look at what is in it, or what stands for its text. */
export type Decide = (path: readonly string[], kind: Kind) => ((written: string) => string) | undefined;

/** Nobody sends anything deeper on purpose. */
const DEEPEST = 200;

/**
 * JSON in which some values are replaced, and everything else is as it was written: numbers, the order of keys, keys that come twice.
 * @param text that `JSON.parse` has accepted; this only walks its structure.
 * @throws RangeError when it is nested more than 200 deep.
 */
export function rewriteJson(text: string, decide: Decide): string {
  let out = "";
  let copied = 0;

  function value(at: number, path: readonly string[]): number {
    const kind = kindAt(text, at);
    const replace = decide(path, kind);
    if (replace || kind === "string" || kind === "other") {
      const end = endOfValue(text, at);
      const written = text.slice(at, end);
      const by = replace?.(written) ?? written;
      if (by !== written) {
        out += text.slice(copied, at) + by;
        copied = end;
      }
      return end;
    }
    if (path.length >= DEEPEST) throw new RangeError("the JSON is nested too deep");
    return members(at, path, kind === "object");
  }

  function members(open: number, path: readonly string[], areNamed: boolean): number {
    let at = skipSpace(text, open + 1);
    for (let index = 0; text[at] !== "}" && text[at] !== "]"; index++) {
      let key = String(index);
      if (areNamed) {
        const end = endOfString(text, at);
        key = JSON.parse(text.slice(at, end)) as string; // a key is a string
        at = skipSpace(text, skipSpace(text, end) + 1); // past ":"
      }
      at = skipSpace(text, value(at, [...path, key]));
      if (text[at] === ",") at = skipSpace(text, at + 1);
    }
    return at + 1;
  }

  value(skipSpace(text, 0), []);
  return out + text.slice(copied);
}

function kindAt(text: string, at: number): Kind {
  const first = text[at];
  if (first === "{") return "object";
  if (first === "[") return "list";
  return first === '"' ? "string" : "other";
}
