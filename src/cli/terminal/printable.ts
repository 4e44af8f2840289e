/** What came over the network must not control the terminal: control characters other than line breaks and tabs are shown as `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(
    CONTROL,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** `printable`, on one line and no longer than `length`. */
export function printableLine(text: string, length = Number.POSITIVE_INFINITY): string {
  const line = printable(text.replaceAll(/\s+/g, " ").trim());
  return line.length > length ? `${line.slice(0, Math.max(0, length - 1))}…` : line;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
