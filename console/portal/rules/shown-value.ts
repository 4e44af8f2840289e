/** Their parts are named by the customer. */
const OF_CUSTOMER: ReadonlySet<string> = new Set(["filter", "metadata"]);
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** `timeout` of `timeout_ms`. */
export function fieldLabel(field: string): string {
  return field.replace(/_ms$/, "").replaceAll("_", " ");
}

/**
 * The value of a setting, for people: its parts are joined, and durations have a unit.
 * @param nothing what stands for no value.
 */
export function shownValue(field: string, value: unknown, nothing: string): string {
  if (value === null || value === undefined || value === "") return nothing;
  if (typeof value === "number" && field.endsWith("_ms")) return duration(value);
  if (typeof value !== "object") return String(value);
  const parts = Object.entries(value);
  if (parts.length === 0) return nothing;
  if (OF_CUSTOMER.has(field)) return JSON.stringify(value);
  return Array.isArray(value)
    ? value.map((each) => shownValue(field, each, nothing)).join(", ")
    : parts.map(([name, each]) => `${fieldLabel(name)} ${shownValue(name, each, nothing)}`).join("; ");
}

/** `1 min`, in the largest unit that it is a whole number of. */
function duration(ms: number): string {
  const [unit, length] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ["millisecond", 1];
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "short" }).format(ms / length);
}
