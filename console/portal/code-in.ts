/** The code that an address of the portal brings behind its `#`: `s=…`, or `key=…`, which is base64 of JSON, as Svix's links have it. */
export function codeIn(hash: string): string | undefined {
  const [, name, value = ""] = /^#(s|key)=(.+)$/.exec(hash) ?? [];
  if (name !== "key") return name && value;
  try {
    const { code } = JSON.parse(atob(value)) as { readonly code?: unknown };
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}
