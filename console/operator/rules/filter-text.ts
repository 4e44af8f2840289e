/** What a bulk run is about, in one line: `status failed, class 5xx, created from 2030-01-31T09:00:00Z`. */
export function filterText(filter: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(filter).flatMap(([name, value]) => {
    if (value === null || value === undefined) return [];
    const values = Array.isArray(value) ? value : [value];
    const shown = values.length > 3 ? `${values.length} of them` : values.map(textOf).join(" or ");
    return [`${name.replaceAll("_", " ")} ${shown}`];
  });
  return parts.length === 0 ? "all" : parts.join(", ");
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
