/**
 * What came over the network must not steer a terminal: control characters, except for line breaks and tabs, are shown as `\x1b`, and
 * those that change the direction or the breaks of what follows as `\u202e`.
 */
export function printable(text: string): string {
  return text.replaceAll(STEERING, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** The same for JSON text: what steers is escaped as JSON escapes it, and the value stays what it is. */
export function printableJson(json: string): string {
  return json.replaceAll(
    STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Control characters; bidirectional marks, embeddings, overrides and isolates; line and paragraph separators. */
const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
