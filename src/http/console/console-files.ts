/** The console's files, with the hash of what they hold in their names: they never change, and may be kept forever. */
export interface ConsoleFiles {
  /** The name of the script that begins everything, and of the style sheet. */
  readonly script: string;
  readonly style: string;
  /** The text of each by name. */
  readonly texts: ReadonlyMap<string, string>;
}
