/** What `read` makes of a stored text; null where the row is damaged: that row is shown without, and takes no page with it. */
export function readable<Text extends string | null, Value>(
  text: Text,
  read: (text: Text) => Value,
): Value | null {
  try {
    return read(text);
  } catch {
    return null;
  }
}
