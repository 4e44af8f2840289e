import { CONDITIONS } from "./job-conditions.ts";

const LABELS: Readonly<Record<string, string>> = CONDITIONS;

/** What a bulk run is about, in one line: `status failed, failed by 5xx, accepted from 2030-01-31T09:00:00Z`. */
export function filterText(filter: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(filter).flatMap(([name, value]) => {
    if (value === null || value === undefined) return [];
    const values = Array.isArray(value) ? value : [value];
    const shown = values.length > 3 ? `${values.length} of them` : values.map(textOf).join(" or ");
    return [`${inSentence(name)} ${shown}`];
  });
  return parts.length === 0 ? "all" : parts.join(", ");
}

/** The pages' word for a condition, without a comma that would read as the next one's. */
function inSentence(name: string): string {
  if (name === "status") return "status"; // the form's label is of several
  return LABELS[name]?.toLowerCase().replace(",", "") ?? name.replaceAll("_", " ");
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
