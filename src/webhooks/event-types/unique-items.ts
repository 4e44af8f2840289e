import type { CheckingBudget } from "./checking-budget.ts";

/** Whether no two items are equal, as JSON Schema has it: the order of an object's members does not count. */
export function hasUniqueItems(items: readonly unknown[], budget: CheckingBudget): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const text = canonical(item, budget);
    if (seen.has(text)) return false;
    seen.add(text);
  }
  return true;
}

function canonical(value: unknown, budget: CheckingBudget): string {
  budget.spend(1 + (typeof value === "string" ? value.length / 16 : 0));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, budget)).join()}]`;
  const members = Object.entries(value).map(
    ([name, each]) => `${JSON.stringify(name)}:${canonical(each, budget)}`,
  );
  return `{${members.sort().join()}}`;
}
