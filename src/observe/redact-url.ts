/** The URL without what may be secret in it: userinfo, the query's values, the fragment. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return "[not a URL]";
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search ? "?[redacted]" : ""}`;
}
