import assert from "node:assert/strict";

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Containerfile in order, each on one line. */
export function instructionsOf(text: string): Instruction[] {
  return text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .flatMap((line) => {
      if (line.trim() === "") return [];
      const [, name = "", rest = ""] =
        /^([A-Z]+) +(.+)$/.exec(line) ?? assert.fail(`no instruction: ${line}`);
      return [{ name, text: rest }];
    });
}

/** What the image that it ends with is started by: its last stage. */
export class Image {
  readonly #instructions: readonly Instruction[];

  constructor(containerfile: string) {
    const all = instructionsOf(containerfile);
    this.#instructions = all.slice(all.findLastIndex(({ name }) => name === "FROM"));
  }

  /** The text of the only instruction of this name. */
  only(name: string): string {
    const found = this.#instructions.filter((each) => each.name === name);
    assert.equal(found.length, 1, `${found.length} times ${name}`);
    return found[0]?.text ?? "";
  }

  /** The command of `ENTRYPOINT`, `CMD` or `HEALTHCHECK`, as it is executed. */
  command(name: string): string[] {
    const text = this.only(name);
    return JSON.parse(text.slice(text.indexOf("["))); // in its list form, which the test demands
  }

  get env(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.only("ENV").matchAll(/(\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]),
    );
  }
}
