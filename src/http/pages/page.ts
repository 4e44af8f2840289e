import type { PageName } from "./page-files.ts";
import { filesOf, PAGE_HEADERS } from "./served-file.ts";

interface PageOptions {
  readonly title: string;
  /** The origins that may show the page in a frame. */
  readonly frames?: readonly string[];
  /** The address of a picture to show above the page, from where the page is. */
  readonly logo?: string | undefined;
}

/** The HTML of a page that stands at its own name, `/portal`; its files are below it, wherever the API is mounted. */
export async function pageAnswer(
  page: PageName,
  { title, frames = [], logo }: PageOptions,
): Promise<Response> {
  const { script, style } = await filesOf(page);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${page}/${style}">
<script type="module" src="${page}/${script}"></script>
</head>
<body>${logo === undefined ? "" : `<img class="logo" src="${logo}" alt="">`}<div id="app"></div></body>
</html>
`;
  return new Response(html, {
    headers: {
      ...PAGE_HEADERS,
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": policy(frames),
    },
  });
}

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
