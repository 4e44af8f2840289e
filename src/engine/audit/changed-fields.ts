import { parseAsWritten } from "../../core/json/parse-as-written.ts";
import type { AuditChange } from "./audit.ts";

/**
 * The fields of a row that changed, each with the value before and after.
 * @param json the fields that are stored as JSON.
 */
export function changedFields<Row extends Readonly<Record<string, unknown>>>(
  before: Row,
  after: Row,
  plain: readonly (keyof Row & string)[],
  json: readonly (keyof Row & string)[] = [],
): AuditChange {
  const told = plain
    .filter((field) => before[field] !== after[field])
    .map((field) => [field, [before[field], after[field]]] as const);
  const parsed = json
    .filter((field) => before[field] !== after[field])
    .map((field) => [field, [parsedOf(before[field]), parsedOf(after[field])]] as const);
  return Object.fromEntries([...told, ...parsed]);
}

function parsedOf(json: unknown): unknown {
  return typeof json === "string" ? parseAsWritten(json) : null;
}
