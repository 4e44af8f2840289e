/**
 * The library reference: what each export of the package exports, with its docstring and its declaration, as Markdown. From the
 * declarations that tsc emits with their comments.
 */
import { type Entry, Modules } from "./api-report.ts";
import { publicMembers, withoutComments } from "./declarations.ts";

interface Declared {
  readonly doc: string;
  /** With the docstrings of its members; overloads together. */
  readonly text: string;
}

const KINDS = [
  ["Functions and values", /^export declare (?:async )?(?:function|const)/],
  ["Classes", /^export declare (?:abstract )?class/],
  ["Types", /./],
] as const;

/** @param read gives what tsc emits for a module, with comments, by its path. */
export function libraryReference(entries: readonly Entry[], read: (path: string) => string): string {
  const modules = new Modules((path) => withoutComments(read(path)));
  const shown = new Map<string, string>();
  const parts = entries.map(({ specifier, path }) => {
    const found = [...modules.exportsOf(path)].map(([name, origin]) => {
      const { from, name: original } = modules.resolve(origin);
      const declared = declarationsIn(read(from)).get(original);
      if (declared === undefined) throw new Error(`${from} does not declare ${original}`);
      const renamed = declared.text.replaceAll(new RegExp(String.raw`\b${original}\b`, "g"), name);
      const key = `${from} ${original}`;
      const elsewhere = shown.get(key);
      if (elsewhere === undefined) shown.set(key, specifier);
      return { name, doc: declared.doc, text: renamed, elsewhere };
    });
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    const sections = KINDS.flatMap(([title], at) => {
      const those = found.filter(({ text }) => KINDS.findIndex(([, begins]) => begins.test(text)) === at);
      return those.length === 0 ? [] : [`### ${title}`, ...those.map(sectionOf)];
    });
    return [`## \`${specifier}\``, ...sections].join("\n\n");
  });
  return `${[HEAD, ...parts].join("\n\n")}\n`;
}

const HEAD = `<!-- Written by \`npm run api\` from the docstrings: change those. -->

# Library reference

Everything that each export of the package exports. [Background tasks](tasks.md) and [Concepts](concepts.md) say how it fits together.`;

function sectionOf({
  name,
  doc,
  text,
  elsewhere,
}: Declared & { name: string; elsewhere: string | undefined }) {
  const title = `#### ${name}`;
  if (elsewhere !== undefined) return `${title}\n\nThe same as in \`${elsewhere}\`.`;
  const code = publicMembers(text).replaceAll(/^export (?:declare )?/gm, "");
  return [title, ...proseOf(doc), fenced(code)].join("\n\n");
}

function fenced(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``;
}

/** A docstring's text and tags as paragraphs. */
function proseOf(doc: string): string[] {
  const [text = "", ...tags] = doc.split(/\n(?=@)/);
  const lists = tags.map((tag) => {
    const [, kind = "", written = ""] = /^@(\w+)\s?(.*)$/s.exec(tag) ?? [];
    if (kind === "example") return fenced(written.trim());
    const rest = written.trim().replaceAll(/\s*\n/g, " ");
    const [, parameter = "", about = ""] = /^(\w+) (.*)$/s.exec(rest) ?? [];
    if (kind === "param") return `- \`${parameter}\`: ${about}`;
    return `- ${kind}: ${rest}`;
  });
  // a list is one paragraph
  const joined = lists.join("\n\n").replaceAll(/^(- .*)\n\n(?=- )/gm, "$1\n");
  return [text, joined].map((part) => part.trim()).filter((part) => part !== "");
}

/** The top declarations of a module, with their docstrings. */
function declarationsIn(text: string): Map<string, Declared> {
  const found = new Map<string, Declared>();
  let doc = "";
  for (const chunk of text.trimEnd().split(/\n(?=\/\*\*|[a-z])/)) {
    if (chunk.startsWith("/**")) {
      doc = chunk.replaceAll(/^\/\*\* ?|\s*\*\/$|^ \* ?/gm, "").trim();
      continue;
    }
    const [, name] = DECLARATION.exec(chunk) ?? [];
    if (name !== undefined) {
      const before = found.get(name);
      found.set(name, before ? { doc: before.doc, text: `${before.text}\n${chunk}` } : { doc, text: chunk });
    }
    doc = "";
  }
  return found;
}

const DECLARATION =
  /^(?:export )?(?:declare )?(?:abstract |async )?(?:class|function|const|interface|type) ([\w$]+)/;
