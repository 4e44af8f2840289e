/**
 * The public surface of an export of the package, as text: the declarations of the names it exports, then those that they
 * mention without their being exported. It depends on neither comments, nor the order of exports, nor where a file lies.
 */
import { type Module, type Origin, parseDeclarations, publicMembers } from "./declarations.ts";

/** What tsc emits, without comments, for a module, by the path that imports name it by: `posthorn.ts`. */
export type ReadDeclarations = (path: string) => string;

export interface Entry {
  /** What users import: `posthorn/receiver`. */
  readonly specifier: string;
  readonly path: string;
}

interface Declaration {
  readonly name: string;
  readonly text: string;
  /** Of the module whose names it uses. */
  readonly path: string;
}

/** A report of each entry, in their order. What is in the first is only named in the others. */
export function apiReports(entries: readonly Entry[], read: ReadDeclarations): string[] {
  const modules = new Modules(read);
  let first: Report | undefined;
  return entries.map(({ specifier, path }) => {
    const surface = new Surface(modules, first);
    first ??= { specifier, taken: surface.taken };
    return reportOf(specifier, path, modules, surface);
  });
}

function reportOf(specifier: string, path: string, modules: Modules, surface: Surface): string {
  const exported = [...modules.exportsOf(path)].flatMap(([name, origin]) => {
    const found = surface.exported(origin);
    const text = `export { ${origin.name} as ${name} };`;
    return name === origin.name ? found : [...found, { name, text, path }];
  });
  const added = modules.at(path).augmentations.map((text) => ({ name: "", text, path }));
  const mentioned: Declaration[] = [];
  for (const one of [...exported, ...added]) mentioned.push(...surface.mentionedBy(one));
  for (const one of mentioned) mentioned.push(...surface.mentionedBy(one)); // until there is nothing new

  const parts = [
    `// The public declarations of "${specifier}": \`npm run api\` writes this file.`,
    ...textsOf(exported),
    ...textsOf(added),
  ];
  if (mentioned.length > 0) parts.push("// Mentioned above, but not exported.", ...textsOf(mentioned));
  if (surface.elsewhere.size > 0)
    parts.push("// Declared elsewhere.", [...surface.elsewhere].sort().join("\n"));
  return `${parts.join("\n\n")}\n`;
}

export class Modules {
  readonly #read: ReadDeclarations;
  readonly #parsed = new Map<string, Module>();

  constructor(read: ReadDeclarations) {
    this.#read = read;
  }

  at(path: string): Module {
    const module = this.#parsed.get(path) ?? parseDeclarations(path, this.#read(path));
    this.#parsed.set(path, module);
    return module;
  }

  exportsOf(path: string): Map<string, Origin> {
    const { exported, exportsAllOf } = this.at(path);
    return new Map([...exportsAllOf.flatMap((from) => [...this.exportsOf(from)]), ...exported]);
  }

  /** Where the name is declared: a module of ours, or a package. */
  resolve({ from, name, typeOnly }: Origin): Origin {
    if (!from.endsWith(".ts") || this.at(from).declared.has(name)) return { from, name, typeOnly };
    const next = this.at(from).imported.get(name) ?? this.exportsOf(from).get(name);
    if (next === undefined) throw new Error(`${from} does not declare ${name}`);
    return this.resolve({ ...next, typeOnly: next.typeOnly || typeOnly });
  }
}

interface Report {
  readonly specifier: string;
  /** The declarations in it. */
  readonly taken: ReadonlySet<string>;
}

/** Collects the declarations of one report, each once. */
class Surface {
  readonly taken = new Set<string>();
  readonly elsewhere = new Set<string>();
  readonly #modules: Modules;
  readonly #first: Report | undefined;

  constructor(modules: Modules, first: Report | undefined) {
    this.#modules = modules;
    this.#first = first;
  }

  exported(origin: Origin): Declaration[] {
    return this.#take(this.#modules.resolve(origin));
  }

  /** What a declaration mentions and what has not been taken yet. */
  mentionedBy({ name, text, path }: Declaration): Declaration[] {
    const { declared, imported } = this.#modules.at(path);
    return namesIn(text).flatMap((mentioned) => {
      const own = declared.has(mentioned) && mentioned !== name ? { from: path, name: mentioned } : undefined;
      const origin = own ?? imported.get(mentioned);
      if (origin === undefined) return [];
      const found = this.#modules.resolve({ ...origin, typeOnly: true });
      if (!this.#first?.taken.has(keyOf(found))) return this.#take(found);
      this.elsewhere.add(`${found.name} of ${this.#first.specifier}`);
      return [];
    });
  }

  #take({ from, name, typeOnly }: Origin): Declaration[] {
    const text = from.endsWith(".ts") ? this.#modules.at(from).declared.get(name) : undefined;
    if (text === undefined) this.elsewhere.add(`${name} of ${from}`);
    const key = keyOf({ from, name });
    if (text === undefined || this.taken.has(key)) return [];
    this.taken.add(key);
    return [{ name, text: accessible(text, typeOnly), path: from }];
  }
}

function keyOf({ from, name }: { readonly from: string; readonly name: string }): string {
  return `${from} ${name}`;
}

/** Without what only the class itself reaches. */
function accessible(text: string, typeOnly: boolean): string {
  const constructors = /^ +constructor\((?:.*|.*\{\n(?:.*\n)*? {4}\}.*)\);\n/gm;
  const open = publicMembers(text);
  return typeOnly ? open.replace(constructors, "") : open;
}

/** Identifiers, except the names of members and parameters, which come before a colon or a bracket. */
function namesIn(text: string): string[] {
  const code = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return code.match(/(?<![\w$.])[A-Za-z_$][\w$]*(?![\w$]|\??:|\()/g) ?? [];
}

function textsOf(declarations: readonly Declaration[]): string[] {
  const bare = (text: string) => text.replace(/^(?:export (?!\{))?(?:declare )?/gm, "");
  const texts = declarations.map(({ name, text }) => `${name}\n${bare(text)}`);
  return texts.sort().map((text) => text.slice(text.indexOf("\n") + 1));
}
