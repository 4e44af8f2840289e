/** A piece of JSON as it is shown: its own characters, or space that makes it readable. */
export interface JsonPiece {
  readonly kind: "key" | "string" | "number" | "word" | "mark" | "space";
  readonly text: string;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]|\s+/y;

/**
 * JSON laid out in lines, each token as it was written: numbers past 2^53, `1.0`, the order of keys and keys that come twice stay as
 * they are. Undefined for what is not JSON. It is read, never evaluated.
 */
export function jsonPieces(text: string): JsonPiece[] | undefined {
  const tokens = tokensOf(text);
  if (!tokens || tokens.length === 0) return undefined;
  const pieces: JsonPiece[] = [];
  let depth = 0;
  const line = () => pieces.push({ kind: "space", text: `\n${"  ".repeat(depth)}` });
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1];
    const previous = tokens[at - 1];
    if (token === "}" || token === "]") {
      depth--;
      if (depth < 0) return undefined;
      if (previous !== "{" && previous !== "[") line();
    }
    pieces.push({ kind: kindOf(token, next), text: token });
    if (token === "{" || token === "[") {
      depth++;
      if (next !== "}" && next !== "]") line();
    }
    if (token === ",") line();
    if (token === ":") pieces.push({ kind: "space", text: " " });
  }
  return depth === 0 ? pieces : undefined;
}

/** A member of an object, as it is written in its text; undefined where there is none. */
export function memberOf(text: string, name: string): string | undefined {
  const found = [...text.matchAll(new RegExp(TOKEN.source, "g"))];
  let depth = 0;
  let from: number | undefined;
  for (const [at, { 0: token, index }] of found.entries()) {
    if (from !== undefined && depth === 1 && (token === "," || token === "}"))
      return text.slice(from, index).trim();
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    const colon = found.slice(at + 1).find(([next]) => next.trim() !== "");
    if (depth === 1 && from === undefined && token === JSON.stringify(name) && colon?.[0] === ":")
      from = colon.index + 1;
  }
  return undefined;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return undefined;
    if (token.trim() !== "") tokens.push(token);
  }
  return tokens;
}

function kindOf(token: string, next: string | undefined): JsonPiece["kind"] {
  if (token.startsWith('"')) return next === ":" ? "key" : "string";
  if (/^[-\d]/.test(token)) return "number";
  return /^[tfn]/.test(token) ? "word" : "mark";
}
