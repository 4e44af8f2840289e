import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PageFiles, PageName } from "./page-files.ts";

/** Where the sources of the pages are, in a clone and when the package is built. */
export const PAGE_SOURCES = fileURLToPath(new URL("../../../console", import.meta.url));

/** Bundles a page. Development only: the package holds what came of it. */
export async function bundlePage(page: PageName): Promise<PageFiles> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: { [page]: join(PAGE_SOURCES, page, "main.tsx") },
    platform: "browser",
    tsconfig: join(PAGE_SOURCES, "tsconfig.json"),
  });
  const { output } = await build
    .generate({
      format: "es",
      minify: true,
      entryFileNames: "[name]-[hash].js",
      chunkFileNames: "[name]-[hash].js",
    })
    .finally(() => build.close());
  const texts = new Map(
    output.flatMap((chunk) => (chunk.type === "chunk" ? [[chunk.fileName, chunk.code]] : [])),
  );
  const script = output.find((chunk) => chunk.type === "chunk" && chunk.isEntry)?.fileName ?? "";
  const css = styleSheet(page);
  const style = `${page}-${hash("sha256", css, "base64url").slice(0, 8)}.css`;
  texts.set(style, css);
  return { script, style, texts };
}

/** In the order of their names, which is the order of the cascade. */
function styleSheet(page: PageName): string {
  const folder = join(PAGE_SOURCES, page, "style");
  return readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s*\n\s*/g, "\n");
}
