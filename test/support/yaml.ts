import assert from "node:assert/strict";

/**
 * The documents of a YAML file that keeps to what is plain in YAML: block mappings and lists indented by spaces, flow ones on one line,
 * scalars on one line, comments, anchors, aliases and `<<`. Anything else is refused rather than guessed at, as is a key that is given twice.
 */
export function yamlDocuments(text: string): unknown[] {
  return text.split(/^---$/m).map((document) => new Reader(document).all());
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

type Mapping = Record<string, unknown>;

const KEY = /^([\w./-]+|"[^"]*"|<<):(?: +(.*))?$/;

class Reader {
  readonly #lines: Line[];
  readonly #anchors = new Map<string, unknown>();
  #at = 0;

  constructor(text: string) {
    assert.ok(!text.includes("\t"), "YAML is not indented by tabs");
    this.#lines = text.split("\n").flatMap((line) => {
      const bare = line.replace(/(^|\s)#.*$/, "").trimEnd();
      return bare === "" ? [] : [{ indent: bare.search(/\S/), text: bare.trimStart() }];
    });
  }

  all(): unknown {
    const value = this.#block(0);
    assert.equal(this.#at, this.#lines.length, `not understood: ${this.#lines[this.#at]?.text}`);
    return value;
  }

  #block(least: number): unknown {
    const line = this.#lines[this.#at];
    if (!line || line.indent < least) return null;
    return /^-( |$)/.test(line.text) ? this.#list(line.indent) : this.#mapping(line.indent);
  }

  #list(indent: number): unknown[] {
    const items: unknown[] = [];
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      const rest = /^- +(.*)$/.exec(line.text)?.[1];
      assert.ok(rest, `not an item of a list: ${line.text}`);
      if (KEY.test(rest)) {
        this.#lines[this.#at] = { indent: indent + line.text.length - rest.length, text: rest };
        items.push(this.#mapping(indent + line.text.length - rest.length));
      } else {
        this.#at++;
        items.push(this.#inline(rest));
      }
    }
    return items;
  }

  #mapping(indent: number): Mapping {
    const found: Mapping = {};
    const own = new Set<string>();
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      const [, key = "", rest = ""] = KEY.exec(line.text) ?? assert.fail(`not a key: ${line.text}`);
      const name = key.replaceAll('"', "");
      assert.ok(!own.has(name), `${name} is given twice`);
      own.add(name);
      this.#at++;
      const [, anchor, value = ""] = /^(?:&(\w+) ?)?(.*)$/.exec(rest) ?? [];
      const read = value === "" ? this.#nested(indent) : this.#inline(value);
      if (anchor) this.#anchors.set(anchor, read);
      if (name === "<<") for (const [each, of] of Object.entries(read as Mapping)) found[each] ??= of;
      else found[name] = read;
    }
    return found;
  }

  /** A list may stand as far left as the key that it belongs to. */
  #nested(indent: number): unknown {
    const next = this.#lines[this.#at];
    return next?.indent === indent && next.text.startsWith("- ")
      ? this.#list(indent)
      : this.#block(indent + 1);
  }

  #inline(text: string): unknown {
    const alias = /^\*(\w+)$/.exec(text)?.[1];
    if (alias !== undefined) return this.#anchors.get(alias) ?? assert.fail(`no anchor ${alias}`);
    if (!/^[[{]/.test(text)) return scalar(text);
    const tokens =
      text.match(/"(?:[^"\\]|\\.)*"|[[\]{},]|:(?= |$)|[^\s[\]{},"](?:[^[\]{},:]|:(?! |$))*/g) ?? [];
    const value = flow(tokens);
    assert.equal(tokens.length, 0, `not understood: ${text}`);
    return value;
  }
}

function flow(tokens: string[]): unknown {
  const first = tokens.shift() ?? assert.fail("it ends too early");
  if (first === "[") {
    const items: unknown[] = [];
    while (tokens[0] !== "]") {
      items.push(flow(tokens));
      if (tokens[0] === ",") tokens.shift();
    }
    tokens.shift();
    return items;
  }
  if (first !== "{") return scalar(first.trim());
  const found: Mapping = {};
  while (tokens[0] !== "}") {
    const key = String(scalar(tokens.shift()?.trim() ?? assert.fail("a key is missing")));
    assert.equal(tokens.shift(), ":", `no value of ${key}`);
    assert.ok(!Object.hasOwn(found, key), `${key} is given twice`);
    found[key] = flow(tokens);
    if (tokens[0] === ",") tokens.shift();
  }
  tokens.shift();
  return found;
}

function scalar(text: string): unknown {
  if (text.startsWith('"')) return JSON.parse(text);
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  assert.ok(!/^[&*!|>%@`]/.test(text) && !/: |: ?$/.test(text), `not understood: ${text}`);
  if (text === "true" || text === "false") return text === "true";
  if (text === "null" || text === "~") return null;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
