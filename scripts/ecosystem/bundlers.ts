import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Cell, Workshop } from "./workshop.ts";

/** Runs what a bundler made where no package is installed. */
async function runAlone(workshop: Workshop, program: string, thread: string): Promise<void> {
  const { folder } = workshop;
  await rename(join(folder, "node_modules"), join(folder, "not-here"));
  try {
    await workshop.ok(process.execPath, [program], { THREAD: workshop.url(thread) });
  } finally {
    await rename(join(folder, "not-here"), join(folder, "node_modules"));
  }
}

const esbuild: Cell = {
  area: "Bundlers",
  name: "esbuild",
  async try(workshop) {
    await workshop.set("program", ["esbuild"]);
    const bundle = ["main.ts", "square.mjs", "--bundle", "--platform=node", "--log-level=warning"];
    await workshop.run("esbuild", [...bundle, "--outdir=alone", "--out-extension:.js=.cjs"]);
    await runAlone(workshop, "alone/main.cjs", "alone/square.cjs");
    const banner =
      'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
    await workshop.run("esbuild", [...bundle, "--format=esm", `--banner:js=${banner}`, "--outdir=banner"]);
    await runAlone(workshop, "banner/main.js", "banner/square.js");
    await workshop.run("esbuild", [...bundle, "--format=esm", "--packages=external", "--outdir=external"]);
    await workshop.ok("node", ["external/main.js"], { THREAD: workshop.url("external/square.js") });
    return `esbuild ${await workshop.version("esbuild")}: all in one CommonJS file, threads as well; as ES modules with a banner, or with \`--packages=external\``;
  },
};

const tsup: Cell = {
  area: "Bundlers",
  name: "tsup",
  async try(workshop) {
    await workshop.set("program", ["tsup", "typescript@5.9"]);
    await workshop.run("tsup", ["main.ts", "--format", "esm,cjs"]);
    for (const program of ["dist/main.js", "dist/main.cjs"])
      await workshop.ok("node", [program], { THREAD: workshop.url("square.mjs") });
    return `tsup ${await workshop.version("tsup")}: to ES modules and to CommonJS`;
  },
};

const webpack: Cell = {
  area: "Bundlers",
  name: "webpack",
  async try(workshop) {
    await workshop.set("program", ["webpack", "webpack-cli", "typescript@5.9", "@types/node@24"], {
      type: null,
    });
    await mkdir(join(workshop.folder, "built"));
    const to = ["--outDir", "built", "--module", "preserve", "--target", "es2023", "--lib", "esnext"];
    await workshop.run("tsc", [...to, "--types", "node", "--skipLibCheck", "main.ts"]);
    await workshop.run("webpack", [
      "./built/main.js",
      "--target",
      "node22",
      "--mode",
      "production",
      "-o",
      "out",
    ]);
    await runAlone(workshop, "out/main.js", "square.mjs");
    return `webpack ${await workshop.version("webpack")}: all in one folder, minified, threads as well`;
  },
};

export const BUNDLERS: readonly Cell[] = [esbuild, tsup, webpack];
