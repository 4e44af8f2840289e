/** A filter that somebody has given a name. */
export interface View {
  readonly name: string;
  /** Of the address: `?status=failed&task=send-receipt`. */
  readonly search: string;
}

/** Those that a browser kept; none where it kept something else. */
export function viewsIn(text: string): readonly View[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isView) : [];
  } catch {
    return [];
  }
}

/** With this one, which takes the place of another with its name. */
export function withView(views: readonly View[], view: View): readonly View[] {
  return [...views.filter(({ name }) => name !== view.name), view].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The conditions of an address, without the place in the list. */
export function viewSearch(query: Readonly<Record<string, string>>): string {
  const { cursor: _, ...conditions } = query;
  const search = new URLSearchParams(conditions);
  search.sort();
  return search.size === 0 ? "" : `?${search}`;
}

function isView(value: unknown): value is View {
  if (typeof value !== "object" || value === null) return false;
  const { name, search } = value as Partial<Record<keyof View, unknown>>;
  return typeof name === "string" && typeof search === "string" && search.startsWith("?");
}
