import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { type Command, CommanderError } from "commander";
import { createProgram } from "../src/cli/program.ts";
import { RecordedIo } from "../src/cli/test-kit/recorded-io.ts";
import { testApp } from "../src/http/test-kit/fake-posthorn.ts";

const root = join(import.meta.dirname, "..");
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md"),
  ...readdirSync(join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
  "examples/README.md",
];
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

function read(document: string): string {
  return readFileSync(join(root, document), "utf8");
}

/** The lines of a document's blocks in a language, those that a backslash continues as one. */
function linesIn(document: string, language: string): string[] {
  const blocks = read(document).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  return [...blocks].flatMap(([, text = ""]) => text.replaceAll(/\\\n\s*/g, "").split("\n"));
}

/** A command's words as a shell splits them, without its comment. */
function words(command: string): string[] {
  const found = command.match(/(?:'[^']*'|"[^"]*"|\$\([^)]*\)|[^\s'"])+/g) ?? [];
  const comment = found.findIndex((word) => word.startsWith("#"));
  const own = comment < 0 ? found : found.slice(0, comment);
  return own.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/** Each command of a shell block by itself, as words. */
function commandsIn(document: string): string[][] {
  return linesIn(document, "sh").flatMap((line) => {
    const all = words(line);
    const separators = [
      -1,
      ...all.flatMap((word, at) => (/^(?:&&|\||;)$/.test(word) ? [at] : [])),
      all.length,
    ];
    return separators.slice(1).map((end, n) => all.slice((separators[n] ?? 0) + 1, end));
  });
}

/** The arguments of posthorn's own command lines, wherever they stand: in a shell, inline, in a unit file, in a container. */
function posthornCommands(document: string): string[][] {
  const text = read(document);
  const units = [...text.matchAll(/^ExecStart=(.*)$/gm)].map(([, line = ""]) => words(line));
  const inline = [...text.matchAll(/`(posthorn [^`|…\n]+)`/g)].map(([, line = ""]) => words(line));
  const containers = [...text.matchAll(/(?:CMD|args:) (\[.*\])$/gm)].map(([, list = ""]) => JSON.parse(list));
  return [...commandsIn(document), ...units, ...containers, ...inline].flatMap((given: string[]) => {
    const command = given[0] === "sudo" ? given.slice(3) : given;
    const at = command.findIndex((word) => /(?:^|\/)(?:posthorn|posthorn\/dist\/cli\/main\.js)$/.test(word));
    const isInstalled = command[0] === "npm" && command[1] !== "run";
    const isBuilt = command[0] === "docker" && command[1] === "build"; // an image of that name
    if (at < 0 || isInstalled || isBuilt || command[0] === "cp" || command.includes("…")) return [];
    return [command.slice(at + 1).filter((word) => word !== "--" && !/^2?>|^</.test(word))];
  });
}

/** Help and the version; and in the middle of a sentence a command is named without all that it needs. */
const FINE: ReadonlySet<string> = new Set([
  "commander.help",
  "commander.helpDisplayed",
  "commander.version",
  "commander.missingArgument",
  "commander.missingMandatoryOptionValue",
]);

/** Parses a command line as the program does, but runs nothing. */
async function parse(argv: readonly string[]): Promise<void> {
  const program = createProgram(new RecordedIo());
  const disarm = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => {});
    for (const below of command.commands) disarm(below);
  };
  disarm(program);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError && FINE.has(error.code))) throw error;
  }
}

describe("what the documents tell people to type", () => {
  test("is a command line that posthorn takes", async () => {
    const found = documents.flatMap((document) =>
      posthornCommands(document).map((argv) => ({ document, argv })),
    );
    assert.ok(found.length > 40, `only ${found.length} were found: are they read from the right place?`);
    for (const { document, argv } of found) {
      await assert.doesNotReject(parse(argv), `${document}: posthorn ${argv.join(" ")}`);
    }
  });

  test("is a request that the API takes", () => {
    const patterns = testApp().app.operations.map((operation) => {
      const [method = "", path = ""] = operation.split(" ");
      return { method, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`) };
    });
    const requests = documents.flatMap((document) =>
      commandsIn(document)
        .filter(([name]) => name === "curl")
        .map((command) => ({ document, command })),
    );
    assert.ok(requests.length > 3, `only ${requests.length} were found`);
    for (const { document, command } of requests) {
      const url = command.find((word) => /^https?:\/\//.test(word)) ?? "";
      const body = command[command.indexOf("-d") + 1];
      const hasBody = command.includes("-d");
      if (hasBody) assert.doesNotThrow(() => JSON.parse(body ?? ""), `${document}: ${body}`);
      const method = command.includes("-X") ? command[command.indexOf("-X") + 1] : hasBody ? "POST" : "GET";
      const { pathname } = new URL(url);
      assert.ok(
        patterns.some((route) => route.method === method && route.pattern.test(pathname)),
        `${document}: ${method} ${pathname}`,
      );
    }
  });

  test("is a script of the package", () => {
    for (const document of documents) {
      for (const [name, verb = "", script = ""] of commandsIn(document)) {
        if (name !== "npm" || !["start", "test", "run"].includes(verb)) continue;
        assert.ok((verb === "run" ? script : verb) in scripts, `${document}: npm ${verb} ${script}`);
      }
    }
  });
});

/** As GitHub names a heading. */
function anchorsOf(document: string): Set<string> {
  const text = read(document).replaceAll(/^```.*?^```$/gms, "");
  return new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

test("each link of the documents leads to a file, and to a heading in it", () => {
  for (const document of documents) {
    for (const [, link = "", anchor] of read(document).matchAll(
      /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g,
    )) {
      const path = link === "" ? document : join(dirname(document), link);
      assert.ok(existsSync(join(root, path)), `${document} links to ${link}`);
      if (anchor !== undefined && path.endsWith(".md"))
        assert.ok(anchorsOf(path).has(anchor), `${document} links to ${link}#${anchor}`);
    }
  }
});

test("the README is short enough to be read", () => {
  assert.ok(read("README.md").split("\n").length < 200);
});
