import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundlePage, PAGE_SOURCES } from "./bundle.ts";
import type { PageFiles, PageName } from "./page-files.ts";

const kept = new Map<PageName, { readonly stamp: number; readonly files: Promise<PageFiles> }>();

/**
 * A page's files. In a clone they are bundled on the first request, and again once a source was changed. The build puts a module with
 * the finished files in this one's place.
 */
export function pageFiles(page: PageName): Promise<PageFiles> {
  const stamp = lastChange();
  const known = kept.get(page);
  if (known?.stamp === stamp) return known.files;
  const files = bundlePage(page);
  kept.set(page, { stamp, files });
  files.catch(() => {
    if (kept.get(page)?.files === files) kept.delete(page); // a typo that is corrected needs no restart
  });
  return files;
}

function lastChange(): number {
  const names = readdirSync(PAGE_SOURCES, { recursive: true, encoding: "utf8" });
  return Math.max(...names.map((name) => statSync(join(PAGE_SOURCES, name)).mtimeMs));
}
