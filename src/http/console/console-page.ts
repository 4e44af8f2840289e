import type { PageFiles } from "../pages/page-files.ts";

/** A horn, in one colour that does in light and dark. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23c8871c' stroke-width='2' stroke-linejoin='round'%3E%3Ccircle cx='9' cy='14' r='5'/%3E%3Cpath d='M9 9h4l8-4v10l-7-3'/%3E%3C/svg%3E";

/** The one page that all of the console's addresses show; its scripts read the address. @param base of the API: empty, or `/background`. */
export function consolePage({ script, style }: PageFiles, base: string): string {
  const assets = `${base}/console/assets`;
  return `<!doctype html>
<html lang="en" data-base="${base}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Posthorn</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${assets}/${style}">
<script type="module" src="${assets}/${script}"></script>
</head>
<body><div id="console"></div><noscript>The console needs JavaScript. The API is at ${base}/docs.</noscript></body>
</html>
`;
}
