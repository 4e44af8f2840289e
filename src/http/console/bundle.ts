import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConsoleFiles } from "./console-files.ts";

/** Where the console's sources are, in a clone and when the package is built. */
export const CONSOLE_SOURCES = fileURLToPath(new URL("../../console", import.meta.url));

/** Bundles the console. Development only: the package holds what came of it. */
export async function bundleConsole(): Promise<ConsoleFiles> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: { console: join(CONSOLE_SOURCES, "console.tsx") },
    platform: "browser",
    tsconfig: join(CONSOLE_SOURCES, "tsconfig.json"),
  });
  const { output } = await build.generate({
    format: "es",
    minify: true,
    entryFileNames: "[name]-[hash].js",
    chunkFileNames: "[name]-[hash].js",
  });
  await build.close();
  const texts = new Map(
    output.flatMap((chunk) => (chunk.type === "chunk" ? [[chunk.fileName, chunk.code]] : [])),
  );
  const script = output.find((chunk) => chunk.type === "chunk" && chunk.isEntry)?.fileName ?? "";
  const css = styleSheet();
  const style = `console-${createHash("sha256").update(css).digest("base64url").slice(0, 8)}.css`;
  texts.set(style, css);
  return { script, style, texts };
}

/** In the order of their names, which is the order of the cascade. */
function styleSheet(): string {
  const folder = join(CONSOLE_SOURCES, "style");
  return readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s*\n\s*/g, "\n");
}
