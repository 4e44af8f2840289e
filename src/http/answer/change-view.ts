import { fieldNamed } from "../request/request-error.ts";

/** Fields of ours that hold fields of ours. What the others hold, such as metadata, is named by the user. */
const NESTED: ReadonlySet<string> = new Set(["auth", "limits", "retry", "verification"]);

type Change = Readonly<Record<string, readonly [was: unknown, is: unknown]>>;

/**
 * What changed, named as the API names it.
 * @param nested fields that hold fields of ours in this change, besides those that always do.
 */
export function changedView(change: Change, nested: readonly string[] = []) {
  const view = (field: string, value: unknown) =>
    NESTED.has(field) || nested.includes(field) ? named(value) : value;
  return Object.fromEntries(
    Object.entries(change).map(([field, [was, is]]) => [
      fieldNamed(field),
      { was: view(field, was), is: view(field, is) },
    ]),
  );
}

function named(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [fieldNamed(name), named(each)]));
}
