/**
 * A module's declarations, as tsc emits them without comments, taken apart. With regular expressions, because tsc 7 has no
 * stable programming interface, and because what it emits is regular: only the first line of a statement, or a closing
 * bracket, begins at column 0.
 */
import { posix } from "node:path";

/** What a name stands for: another name, in a module of ours (a path that ends in .ts) or in a package. */
export interface Origin {
  readonly from: string;
  readonly name: string;
  /** Reached as a type only: nobody can call the constructor. */
  readonly typeOnly: boolean;
}

export interface Module {
  /** What it declares, overloads together. */
  readonly declared: ReadonlyMap<string, string>;
  readonly imported: ReadonlyMap<string, Origin>;
  readonly exported: ReadonlyMap<string, Origin>;
  /** The modules of `export *`. */
  readonly exportsAllOf: readonly string[];
  /** `declare module` and `declare global`: what importing it adds to the types of others. */
  readonly augmentations: readonly string[];
}

const keywords = "(?:abstract |async )?(?:class|function|const|let|interface|type|enum|namespace)";
const declaration = new RegExp(String.raw`^(?<exported>export )?(?:declare )?${keywords} (?<name>[\w$]+)`);
const list =
  /^(?<verb>import|export) (?<type>type )?(?<default>[\w$]+)?,? ?(?:\{(?<names>[^}]*)\})?(?: from "(?<from>.+)")?;/;
const star = /^export \* from "(?<from>.+)";/;
const augmentation = /^declare (?:module|global)\b/;
const meaningless = /^(?:export \{\};|import ".+";)/;

/** @throws Error for a statement of a kind that is unknown: to be added, not to be passed over. */
export function parseDeclarations(path: string, text: string): Module {
  const declared = new Map<string, string>();
  const imported = new Map<string, Origin>();
  const exported = new Map<string, Origin>();
  const exportsAllOf: string[] = [];
  const augmentations: string[] = [];
  const resolve = (from: string) => (from.startsWith(".") ? posix.join(posix.dirname(path), from) : from);

  for (const statement of statementsOf(text)) {
    const { name, exported: isExported } = declaration.exec(statement)?.groups ?? {};
    const listed = list.exec(statement)?.groups;
    const all = star.exec(statement)?.groups?.from;
    if (name !== undefined) {
      declared.set(name, [...(declared.has(name) ? [declared.get(name)] : []), statement].join("\n"));
      if (isExported !== undefined) exported.set(name, { from: path, name, typeOnly: false });
    } else if (all !== undefined) {
      exportsAllOf.push(resolve(all));
    } else if (augmentation.test(statement)) {
      augmentations.push(statement);
    } else if (listed?.names !== undefined || listed?.default !== undefined) {
      const from = listed.from === undefined ? path : resolve(listed.from);
      const into = listed.verb === "import" ? imported : exported;
      if (listed.default !== undefined) into.set(listed.default, { from, name: "default", typeOnly: false });
      for (const [, type, original = "", as] of (listed.names ?? "").matchAll(
        /(type )?([\w$]+)(?: as ([\w$]+))?/g,
      )) {
        const typeOnly = (type ?? listed.type) !== undefined;
        into.set(as ?? original, { from, name: original, typeOnly });
      }
    } else if (!meaningless.test(statement)) {
      throw new Error(`${path}: the API report does not know this kind of statement: ${statement}`);
    }
  }
  return { declared, imported, exported, exportsAllOf, augmentations };
}

/** As tsc emits it with `--removeComments`. */
export function withoutComments(text: string): string {
  return text.replace(/^ *\/\*\*(?:[^*]|\*(?!\/))*\*\/\n?/gm, "");
}

/** A class's declaration without what only the class itself reaches. */
export function publicMembers(text: string): string {
  return text.replace(/^ +(?:#private|(?:static )?private .*);\n/gm, "");
}

function statementsOf(text: string): string[] {
  return text
    .split(/\n(?=[^\s})\]])/)
    .map((statement) => statement.trimEnd())
    .filter((statement) => statement !== "");
}
