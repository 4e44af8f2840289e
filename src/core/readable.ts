/**
 * What `read` makes of a stored string; null if the row is damaged, so that one damaged row is shown incompletely instead of failing the
 * whole page.
 */
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
