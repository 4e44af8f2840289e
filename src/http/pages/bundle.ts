import { hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of a page, named by what is in it. */
export interface PageFile {
  readonly name: string;
  readonly text: string;
}

/** What a page is made of besides its HTML. */
export interface PageBundle {
  readonly script: PageFile;
  readonly style: PageFile;
}

/** A folder of console/. */
export type PageName = "portal";

const SOURCES = fileURLToPath(new URL("../../../console", import.meta.url));

interface Kept {
  readonly changedAt: number;
  readonly bundle: Promise<PageBundle>;
}

const kept = new Map<PageName, Kept>();

/**
 * Puts a page together from its sources, again once one of them has changed. The build replaces this module by one that has the pages
 * ready: the package holds neither their sources nor a bundler.
 */
export function bundled(page: PageName): Promise<PageBundle> {
  const changedAt = newestIn(SOURCES);
  let known = kept.get(page);
  if (known?.changedAt !== changedAt) {
    known = { changedAt, bundle: bundle(page) };
    kept.set(page, known);
    known.bundle.catch(() => kept.delete(page));
  }
  return known.bundle;
}

/** As `bundled`, from the sources as they are now. */
export async function bundle(page: PageName): Promise<PageBundle> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: join(SOURCES, page, "main.tsx"),
    platform: "browser",
  });
  try {
    const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false });
    return {
      script: named(page, "js", output[0].code),
      style: named(page, "css", readFileSync(join(SOURCES, page, `${page}.css`), "utf8")),
    };
  } finally {
    await build.close();
  }
}

/** A browser may keep it forever: with another content it has another name. */
function named(page: PageName, kind: string, text: string): PageFile {
  return { name: `${page}-${hash("sha256", text, "base64url").slice(0, 10)}.${kind}`, text };
}

function newestIn(folder: string): number {
  const times = readdirSync(folder, { recursive: true, encoding: "utf8" }).map(
    (name) => statSync(join(folder, name)).mtimeMs,
  );
  return Math.max(...times);
}
