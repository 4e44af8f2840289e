import { gzipSync } from "node:zlib";
import type { Context } from "hono";
import { headerOf } from "../request/incoming.ts";
import { RequestError } from "../request/request-error.ts";
import { ELEMENT, type PageFiles, type PageName } from "./page-files.ts";

const packed = new WeakMap<PageFiles, Map<string, Uint8Array<ArrayBuffer>>>();

/** Late, because most servers that are asked for jobs are never asked for a page. */
export async function filesOf(page: PageName): Promise<PageFiles> {
  const { pageFiles } = await import("./bundled.ts");
  return pageFiles(page);
}

/** One of a page's files, compressed where that is accepted. @throws RequestError 404 when the page has no such file. */
export async function servedFile(page: PageName, name: string, c: Context): Promise<Response> {
  const files = await filesOf(page);
  const text = files.texts.get(name);
  if (text === undefined) throw new RequestError("there is no such file", { status: 404, code: "not_found" });
  const headers = {
    "content-type": name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
    "cache-control": name === ELEMENT ? "no-cache" : "public, max-age=31536000, immutable",
    ...PAGE_HEADERS,
  };
  if (!/\bgzip\b/.test(headerOf(c, "accept-encoding") ?? "")) return new Response(text, { headers });
  return new Response(gzipped(files, name, text), {
    headers: { ...headers, "content-encoding": "gzip", vary: "accept-encoding" },
  });
}

/** Of everything that pages are made of. */
export const PAGE_HEADERS = { "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" };

function gzipped(files: PageFiles, name: string, text: string): Uint8Array<ArrayBuffer> {
  const known = packed.get(files) ?? new Map<string, Uint8Array<ArrayBuffer>>();
  packed.set(files, known);
  const bytes = known.get(name) ?? new Uint8Array(gzipSync(text, { level: 9 }));
  known.set(name, bytes);
  return bytes;
}
