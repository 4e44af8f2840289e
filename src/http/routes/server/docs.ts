import { readFileSync } from "node:fs";
import { RequestError } from "../../request/request-error.ts";
import type { Answer, Route } from "../../route.ts";

/** The page loads from, talks to and is framed by this server only. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: ReadonlyMap<string, string> = new Map([
  ["page.html", "text/html; charset=utf-8"],
  ["page.css", "text/css; charset=utf-8"],
  ["page.js", "text/javascript; charset=utf-8"],
]);

/** The page itself is open, because a browser cannot send a key for it; the description it shows is not. */
export function docsRoute(): Route {
  return {
    method: "GET",
    path: "/docs",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "docs",
      tag: "Server",
      summary: "Get the API as a web page, to read and to try",
      answers: { 200: fileAnswer("text/html") },
      problems: [],
    },
    handle: () => fileResponse("page.html"),
  };
}

export function docsFileRoute(): Route {
  return {
    method: "GET",
    path: "/docs/{file}",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "docsFile",
      tag: "Server",
      summary: "Get a file of the docs page",
      parameters: [{ name: "file", in: "path", description: "page.css or page.js", example: "page.css" }],
      answers: { 200: fileAnswer("text/css") },
      problems: [404],
    },
    handle: (c) => fileResponse(c.req.param("file") ?? ""),
  };
}

function fileAnswer(type: string): Answer {
  return { description: "The file.", type };
}

/** The build puts the text of each file in place of its reading, so that the package, and what bundles it, needs no files. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ["page.html", readFileSync(new URL("../../docs/page.html", import.meta.url), "utf8")],
  ["page.css", readFileSync(new URL("../../docs/page.css", import.meta.url), "utf8")],
  ["page.js", readFileSync(new URL("../../docs/page.js", import.meta.url), "utf8")],
]);

function fileResponse(name: string): Response {
  const type = TYPES.get(name);
  const text = TEXTS.get(name);
  if (type === undefined || text === undefined) {
    throw new RequestError("there is no such file", { status: 404, code: "not_found" });
  }
  return new Response(text, {
    headers: {
      "content-type": type,
      "cache-control": "no-cache",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}
