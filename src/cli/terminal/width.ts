const graphemes = new Intl.Segmenter();
const PLAIN = /^[\x20-\x7e]*$/;
/** What terminals draw twice as wide: East Asian characters, but not the halfwidth ones, and emoji. */
const WIDE =
  /^(?:(?![\uff61-\uffdc])[\p{sc=Han}\p{sc=Hangul}\p{sc=Hira}\p{sc=Kana}\p{sc=Bopo}\u3000-\u303e\u30a0-\u30ff\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|.\ufe0f)/u;
/** What takes no room of its own, such as a zero-width space. */
const NOTHING = /^[\p{M}\p{Cf}]+$/u;

/** How many columns of a terminal this takes. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += columnsOfOne(segment);
  return columns;
}

function columnsOfOne(grapheme: string): number {
  if (NOTHING.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

export function padColumns(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

/** Cut to so many columns, between two characters as people see them. */
export function cutColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let cut = "";
  let left = columns - 1;
  for (const { segment } of graphemes.segment(text)) {
    left -= columnsOfOne(segment);
    if (left < 0) break;
    cut += segment;
  }
  return `${cut}…`;
}
