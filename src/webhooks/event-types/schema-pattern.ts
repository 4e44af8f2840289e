import { RE2JS } from "re2js";
import { messageOf } from "../../core/errors.ts";
import type { CheckingBudget } from "./checking-budget.ts";

/**
 * The regular expressions of schemas, as JSON Schema has them (ECMA-262, with the flag `u`), run by RE2: its time grows with the
 * text and the size of the pattern and no faster, whatever they are.
 */
export class SchemaPattern {
  readonly source: string;
  /** About the number of steps that each character of a string takes at worst. */
  readonly size: number;
  readonly #program: RE2JS;
  readonly #budget: CheckingBudget;

  /** @throws Error whose message continues after the pattern's name: `is not a regular expression: …`. */
  constructor(source: string, budget: CheckingBudget) {
    if (source.length > LONGEST) throw new Error(`must be at most ${LONGEST} characters long`);
    refuseOther(source);
    const { text, size } = translated(source);
    if (size > LARGEST)
      throw new Error(`is too large: repeats count as often as they may occur, ${LARGEST} in all`);
    this.source = source;
    this.size = size;
    this.#budget = budget;
    this.#program = compiled(text);
  }

  test(text: string): boolean {
    this.#budget.spend((text.length * this.size) / TESTED_AT_ONCE);
    return this.#program.test(text);
  }

  /** What ajv tells patterns apart by. */
  toString(): string {
    return `/${this.source}/u`;
  }
}

const LONGEST = 1_000;
const LARGEST = 2_000;
/** A character takes less than a step where RE2 can use its automaton: nearly always. */
const TESTED_AT_ONCE = 16;

const NOT_LINEAR = "which RE2 does not support, mostly because it cannot be matched in linear time";

function refuseOther(source: string): void {
  try {
    new RegExp(source, "u");
  } catch (cause) {
    throw new Error(`is not a regular expression: ${messageOf(cause)}`, { cause });
  }
}

function compiled(text: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(text));
  } catch (cause) {
    throw new Error(`uses something ${NOT_LINEAR}: ${messageOf(cause)}`, { cause });
  }
}

/** White space as ECMA-262 has it, and all else: RE2 only knows that of ASCII. */
const WHITE = String.raw`\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const NOT_WHITE = String.raw`\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const NOT_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`;

const TOKEN =
  /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|x..|c.|k<[^>]*>|.)|\[(?:[^\]\\]|\\.)*\]|\((?:\?(?:<?[=!]|<[^>]*>|[^:)]*:))?|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gsu;
const CLASS_PART = /\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|.)|./gsu;
const REPEAT = /^\{(?<least>\d+),?(?<most>\d*)/;

/**
 * The same for RE2, and how large its program will be: each atom counts as often as it is repeated at most.
 * @param source what `RegExp` takes with the flag `u`.
 */
function translated(source: string): { text: string; size: number } {
  const parts: string[] = [];
  const outer: Alternatives[] = [];
  let here: Alternatives = { sum: 0, last: 0 };
  for (const [token] of source.matchAll(TOKEN)) {
    parts.push(translatedToken(token));
    if (token.startsWith("(")) {
      outer.push(here);
      here = { sum: 0, last: 0 };
    } else if (token === ")") here = added(outer.pop() ?? here, here.sum + 2);
    else if (/^(?:[*+?]\??|\{.+)$/.test(token)) here = repeated(here, token);
    else here = added(here, weightOf(token));
  }
  return { text: parts.join(""), size: here.sum };
}

/** What stands between two parentheses, so far: the size of it all, and of the last atom, which may be repeated. */
interface Alternatives {
  readonly sum: number;
  readonly last: number;
}

function added({ sum }: Alternatives, last: number): Alternatives {
  return { sum: sum + last, last };
}

function repeated({ sum, last }: Alternatives, token: string): Alternatives {
  const { least = "1", most = "" } = REPEAT.exec(token)?.groups ?? {};
  const times = Math.max(1, Number(least), Number(most));
  return { sum: sum - last + last * times + 1, last: last * times + 1 };
}

/** The characters of a script or category are hundreds of ranges; a class has as many as are written. */
function weightOf(token: string): number {
  if (/\\[pP]\{/.test(token)) return 10;
  return token.startsWith("[") ? 1 + Math.floor(token.length / 16) : 1;
}

function translatedToken(token: string): string {
  if (token.startsWith("\\k")) throw new Error(`uses a back-reference, ${NOT_LINEAR}`);
  if (token === ".") return NOT_LINE_END;
  if (token === "\\s") return `[${WHITE}]`;
  if (token === "\\S") return `[^${WHITE}]`;
  if (token.startsWith("[") && token.length > 2)
    return `[${token.slice(1, -1).replace(CLASS_PART, translatedInClass)}]`;
  return joinedPair(token);
}

function translatedInClass(part: string): string {
  if (part === "\\s") return WHITE;
  if (part === "\\S") return NOT_WHITE;
  return part === "[" ? "\\[" : joinedPair(part); // RE2 would read [:alpha:] within a class
}

/** The two escapes of one character beyond U+FFFF, as one. */
function joinedPair(token: string): string {
  const [, high, low] = /^\\u(.{4})\\u(.{4})$/.exec(token) ?? [];
  if (high === undefined || low === undefined) return token;
  const character = String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
  return `\\x{${character.codePointAt(0)?.toString(16)}}`;
}
