import { RequestError } from "../request/request-error.ts";
import { bundled, type PageName } from "./bundle.ts";

const TYPES = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" } as const;

interface PageOptions {
  readonly title: string;
  /** The origins that may show the page in a frame. */
  readonly frames?: readonly string[];
}

/** The HTML of a page that stands at its own name, `/portal`; its files are below it, wherever the API is mounted. */
export async function pageAnswer(page: PageName, { title, frames = [] }: PageOptions): Promise<Response> {
  const { script, style } = await bundled(page);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${page}/${style.name}">
<script type="module" src="${page}/${script.name}"></script>
</head>
<body><div id="app"></div></body>
</html>
`;
  return new Response(html, {
    headers: {
      ...HEADERS,
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": policy(frames),
    },
  });
}

/** @throws RequestError 404 when the page has no such file. */
export async function pageFileAnswer(page: PageName, name: string): Promise<Response> {
  const file = Object.values(await bundled(page)).find((each) => each.name === name);
  if (!file) throw new RequestError("there is no such file", { status: 404, code: "not_found" });
  const type = name.endsWith(".js") ? TYPES.js : TYPES.css;
  return new Response(file.text, {
    headers: {
      ...HEADERS,
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      "content-security-policy": policy([]),
    },
  });
}

const HEADERS = { "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" };

/** The page loads from and talks to this server only, and nothing in it is made from text but text. */
function policy(frames: readonly string[]): string {
  const ancestors = frames.length === 0 ? "'none'" : frames.join(" ");
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
    "require-trusted-types-for 'script'",
  ].join("; ");
}
