/** The pages: the console for operators, and the portal for their customers. Each is a folder of console/. */
export type PageName = "operator" | "portal";

/** The script that other pages load to show the portal. Its name never changes; its content may. */
export const ELEMENT = "element.js";

/** A page's files, with the hash of what they hold in their names: they never change, and may be kept forever. */
export interface PageFiles {
  /** The name of the script that begins everything, and of the style sheet. */
  readonly script: string;
  readonly style: string;
  /** The text of each by name. */
  readonly texts: ReadonlyMap<string, string>;
}
