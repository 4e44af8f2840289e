/** A word, quoted so that it can be pasted into a POSIX shell. */
export function shellQuoted(word: string): string {
  return /^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
