import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ELEMENT, type PageFiles, type PageName } from "./page-files.ts";

/** Where the sources of the pages are, in a clone and when the package is built. */
export const PAGE_SOURCES = fileURLToPath(new URL("../../../console", import.meta.url));

/** Bundles a page. Development only: the package holds what came of it. */
export async function bundlePage(page: PageName): Promise<PageFiles> {
  const files = await bundled({ [page]: join(PAGE_SOURCES, page, "main.tsx") });
  const texts = new Map(files.map(({ fileName, code }) => [fileName, code]));
  const script = files.find(({ isEntry }) => isEntry)?.fileName ?? "";
  const css = styleSheet(page);
  const style = `${page}-${hash("sha256", css, "base64url").slice(0, 8)}.css`;
  texts.set(style, css);
  if (page === "portal") texts.set(ELEMENT, await bundledElement());
  return { script, style, texts };
}

/** A plain script, because a module would be asked for as another origin's. */
async function bundledElement(): Promise<string> {
  const [file] = await bundled({ element: join(PAGE_SOURCES, "portal", "element.ts") }, "iife");
  return file?.code ?? "";
}

async function bundled(input: Record<string, string>, format: "es" | "iife" = "es") {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input,
    platform: "browser",
    tsconfig: join(PAGE_SOURCES, "tsconfig.json"),
  });
  const { output } = await build
    .generate({
      format,
      minify: true,
      entryFileNames: "[name]-[hash].js",
      chunkFileNames: "[name]-[hash].js",
    })
    .finally(() => build.close());
  return output.filter((chunk) => chunk.type === "chunk");
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
