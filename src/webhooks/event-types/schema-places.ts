import type { FieldProblem } from "../../core/errors.ts";

type Path = FieldProblem["path"];

/** A schema within a schema, or the whole. */
export interface SchemaPlace {
  readonly path: Path;
  readonly schema: { [keyword: string]: unknown };
  /** How many values it holds itself, those of the schemas within it left out: about what it costs to check a value against. */
  readonly size: number;
}

/** Keywords of JSON Schema 2020-12 (and two that it replaced) that hold a schema, a list of schemas, or schemas by name. */
const HOLDS_ONE = new Set([
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const HOLDS_LIST = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const HOLDS_NAMED = new Set([
  "$defs",
  "definitions",
  "dependencies",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);

/** @param schema valid by the meta-schema, not too deep to recurse. Schemas that are `true` or `false` are left out: nothing is in them. */
export function schemaPlaces(schema: unknown, path: Path = []): SchemaPlace[] {
  if (!isObject(schema)) return [];
  const within = Object.entries(schema).flatMap(([keyword, value]) =>
    schemasIn(keyword, value, [...path, keyword]),
  );
  const inner = new Set(within.map(([, each]) => each));
  const size = Object.values(schema).reduce<number>((sum, value) => sum + sizeWithout(value, inner), 1);
  return [{ path, schema, size }, ...within.flatMap(([at, each]) => schemaPlaces(each, at))];
}

function schemasIn(keyword: string, value: unknown, path: Path): [Path, unknown][] {
  if (HOLDS_ONE.has(keyword)) return [[path, value]];
  if (HOLDS_LIST.has(keyword) && Array.isArray(value)) return value.map((each, at) => [[...path, at], each]);
  if (HOLDS_NAMED.has(keyword) && isObject(value))
    return Object.entries(value).map(([name, each]) => [[...path, name], each]);
  return [];
}

function sizeWithout(value: unknown, schemas: ReadonlySet<unknown>): number {
  if (typeof value !== "object" || value === null || schemas.has(value)) return 1;
  return Object.values(value).reduce<number>((sum, each) => sum + sizeWithout(each, schemas), 1);
}

export function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
