import type { Cell } from "./workshop.ts";

const ES_MODULES = [
  ["--module", "node16"],
  ["--module", "nodenext"],
  ["--module", "esnext", "--moduleResolution", "bundler"],
] as const;

/** Hono's declarations need this one, also where nothing of Hono is used: for those before it, declarations are not checked. */
const CHECKS_DECLARATIONS = 5.7;

/** A program of ES modules in each way to resolve them. */
function compiler(version: string): Cell {
  return {
    area: "TypeScript",
    name: `TypeScript ${version}`,
    async try(workshop) {
      const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
      const options = ["--noEmit", ...strict, "--target", "es2022", "--lib", "esnext", "--types", "node"];
      const isOld = Number(version) < CHECKS_DECLARATIONS;
      if (isOld) options.push("--skipLibCheck");
      await workshop.set("program", [`typescript@${version}`, "@types/node@22", "@types/pg"]);
      for (const modules of ES_MODULES) await workshop.run("tsc", [...options, ...modules, "main.ts"]);
      return `${await workshop.version("typescript")}: \`node16\`, \`nodenext\`, \`bundler\`, ${isOld ? "with" : "without"} \`skipLibCheck\``;
    },
  };
}

/** From 5.8 on TypeScript lets CommonJS load ES modules, as Node does. */
const fromCommonJs: Cell = {
  area: "TypeScript",
  name: "TypeScript, to CommonJS",
  async try(workshop) {
    await workshop.set("program", ["typescript@5.8", "@types/node@22"], { type: "commonjs" });
    const options = [
      "--strict",
      "--target",
      "es2022",
      "--lib",
      "esnext",
      "--types",
      "node",
      "--skipLibCheck",
    ];
    await workshop.run("tsc", [...options, "--module", "nodenext", "main.ts"]);
    await workshop.ok("node", ["main.js"], { THREAD: workshop.url("square.mjs") });
    return `${await workshop.version("typescript")}: \`nodenext\` in a package of \`"type": "commonjs"\``;
  },
};

export const COMPILERS: readonly Cell[] = [
  ...["5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "6.0", "7.0"].map(compiler),
  fromCommonJs,
];
