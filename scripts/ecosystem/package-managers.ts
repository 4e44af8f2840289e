import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cell } from "./workshop.ts";

interface Manager {
  readonly name: string;
  /** The package that brings its command. */
  readonly from: string;
  readonly command: string;
  /** How it adds packages to a project without leaving anything outside it. */
  readonly add: readonly string[];
  /** How it runs a command of a dependency. */
  readonly exec: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly tried: string;
}

/** Gives a manager that is strict about peer dependencies something to check. */
const PEERS = ["express@4", "fastify@4.16"];

/** Installs the package and its peers, compiles a program with the compiler that was installed, and runs it. */
function manager({ name, from, command, add, exec, env = {}, tried }: Manager): Cell {
  return {
    area: "Package managers",
    name,
    async try(workshop) {
      const tarball = await workshop.fill("program");
      await workshop.bring(from);
      await writeFile(join(workshop.folder, "yarn.lock"), ""); // for Yarn, it marks the root of a project
      const packages = [`posthorn@file:${tarball}`, "typescript@5.9", "@types/node@24", ...PEERS];
      await workshop.run(command, [...add, ...packages], env);
      const compile = [
        "tsc",
        "--module",
        "nodenext",
        "--target",
        "es2023",
        "--lib",
        "esnext",
        "--types",
        "node",
      ];
      await workshop.run(command, [...exec, ...compile, "main.ts"], env);
      const thread = { THREAD: workshop.url("square.mjs") };
      await workshop.ok(command, [...exec, "node", "main.js"], { ...env, ...thread });
      await workshop.run(command, [...exec, "posthorn", "--version"], env);
      return `${(await workshop.run(command, ["--version"], env)).trim()}: ${tried}`;
    },
  };
}

function berry(linker: "node-modules" | "pnp", tried: string): Cell {
  return manager({
    name: `Yarn, ${linker === "pnp" ? "Plug'n'Play" : "`node_modules`"}`,
    from: "@yarnpkg/cli-dist",
    command: "yarn",
    add: ["add"],
    exec: [],
    env: {
      YARN_NODE_LINKER: linker,
      YARN_ENABLE_GLOBAL_CACHE: "false",
      YARN_GLOBAL_FOLDER: "yarn-global",
      YARN_ENABLE_TELEMETRY: "false",
      YARN_NPM_REGISTRY_SERVER: process.env.npm_config_registry ?? "https://registry.npmjs.org",
    },
    tried,
  });
}

export const PACKAGE_MANAGERS: readonly Cell[] = [
  manager({
    name: "pnpm",
    from: "pnpm",
    command: "pnpm",
    add: ["add", "--store-dir", "store", "--config.strict-peer-dependencies=true"],
    exec: ["exec"],
    tried: "`strict-peer-dependencies`, with Express 4 and Fastify 4",
  }),
  manager({
    name: "Yarn 1",
    from: "yarn@1",
    command: "yarn",
    add: ["add", "--non-interactive", "--cache-folder", "cache"],
    exec: ["--silent"],
    tried: "with Express 4 and Fastify 4",
  }),
  berry("node-modules", "with Express 4 and Fastify 4"),
  berry("pnp", "no `node_modules`, with Express 4 and Fastify 4; threads as well"),
];
