/** One import, re-export or dynamic import found in a source file. */
export interface FoundImport {
  readonly specifier: string;
  /** True when nothing of it is left at run time: `import type`, `export type`, or every name marked `type`. */
  readonly typeOnly: boolean;
}

/**
 * Finds what a TypeScript file imports. A dynamic import counts when its specifier is a literal: one that is
 * computed (a user's own module, say) cannot be known here.
 *
 * @example
 * scanImports('import type { Job } from "./job.ts";'); // [{ specifier: "./job.ts", typeOnly: true }]
 */
export function scanImports(source: string): FoundImport[] {
  const { code, literals } = maskLiterals(source);
  const found: FoundImport[] = [];
  for (const pattern of [fromClause, sideEffect, dynamic]) {
    for (const { groups } of code.matchAll(pattern)) {
      const specifier = literals[Number(groups?.literal)] ?? "";
      found.push({ specifier, typeOnly: isTypeOnly(groups?.type, groups?.clause) });
    }
  }
  return found;
}

// They run on masked code, where a string is its number in quotes, so no comment or string can look like an import.
const clause = String.raw`\*(?:\s*as\s+[\w$]+)?|\{[^}]*\}|[\w$]+(?:\s*,\s*(?:\{[^}]*\}|\*\s*as\s+[\w$]+))?`;
const fromClause = new RegExp(
  String.raw`(?<![.\w$])(?:import|export)\b\s*(?<type>type\b(?!\s*from\b)\s*)?(?<clause>${clause})\s*from\s*"(?<literal>\d+)"`,
  "g",
);
const sideEffect = /(?<![.\w$])import\s*"(?<literal>\d+)"/g;
const dynamic = /(?<![.\w$])import\s*\(\s*"(?<literal>\d+)"/g;

function isTypeOnly(typeKeyword: string | undefined, names: string | undefined): boolean {
  if (typeKeyword !== undefined) return true;
  if (!names?.startsWith("{")) return false;
  const listed = names
    .slice(1, -1)
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return listed.length > 0 && listed.every((name) => /^type\s/.test(name));
}

interface Masked {
  readonly code: string;
  readonly literals: readonly string[];
}

/** The code without comments and regular expressions, each string replaced by its index in `literals`. */
function maskLiterals(source: string): Masked {
  const literals: string[] = [];
  // How many braces were open where each template's ${ began: its } is the one that finds as many open again.
  const substitutions: number[] = [];
  let openBraces = 0;
  let code = "";
  let at = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) at += text.length;
    return text;
  };
  const takeTemplateText = (): void => {
    const text = take(templateText) ?? "";
    const substitutes = source.startsWith("${", at);
    at += substitutes ? 2 : 1;
    code += `"${literals.push(text) - 1}"`;
    if (substitutes) substitutions.push(openBraces);
  };

  while (at < source.length) {
    if (take(comment) !== undefined) {
      code += " ";
      continue;
    }
    const string = take(quoted);
    if (string !== undefined) {
      code += `"${literals.push(string.slice(1, -1)) - 1}"`;
      continue;
    }
    if (source.charAt(at) === "/" && mayBeginValue(code) && take(regularExpression) !== undefined) {
      code += " 0 ";
      continue;
    }
    const character = source.charAt(at);
    at += 1;
    if (character === "`") {
      takeTemplateText();
    } else if (character === "}" && substitutions.at(-1) === openBraces) {
      substitutions.pop();
      takeTemplateText();
    } else {
      if (character === "{") openBraces += 1;
      if (character === "}") openBraces -= 1;
      code += character;
    }
  }
  return { code, literals };
}

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const quoted = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const templateText = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
const regularExpression = /\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/** After a value a slash divides; after an operator, an opening bracket or these words it begins a regular expression. */
function mayBeginValue(code: string): boolean {
  const before = code.trimEnd().slice(-10);
  return (
    before === "" || /[=(,[:;!&|?{}+\-*%<>~^]$|\b(?:return|typeof|case|in|of|void|await|yield)$/.test(before)
  );
}
