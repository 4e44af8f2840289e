import { type FieldProblem, InvalidInputError, messageOf } from "../../core/errors.ts";
import type { CheckingBudget } from "./checking-budget.ts";
import { SchemaPattern } from "./schema-pattern.ts";
import { isObject, type SchemaPlace, schemaPlaces } from "./schema-places.ts";

type Path = FieldProblem["path"];

const DRAFT = "https://json-schema.org/draft/2020-12/schema";
/** Levels of objects and lists. */
const DEEPEST = 64;
/** Compiling takes about a tenth of a millisecond for each, while nothing else is done. */
const MOST_SCHEMAS = 1_000;
const MOST_REFERENCES = 100;
/** Of all patterns together; compiling them takes a time that grows with it. */
const LARGEST_PATTERNS = 5_000;

/**
 * Checks that have to come before the meta-schema's, which recurses.
 * @throws InvalidInputError
 */
export function checkShape(schema: unknown, path: Path): asserts schema is { [keyword: string]: unknown } {
  if (!isObject(schema)) throw new InvalidInputError([{ path, detail: "must be a JSON Schema, an object" }]);
  const tooDeep = pathTooDeep(schema, path, 1);
  if (tooDeep !== undefined)
    throw new InvalidInputError([
      { path: tooDeep, detail: `is nested too deeply: at most ${DEEPEST} levels` },
    ]);
  const draft = schema.$schema ?? DRAFT;
  if (typeof draft !== "string" || draft.replace(/#$/, "") !== DRAFT)
    throw new InvalidInputError([{ path: [...path, "$schema"], detail: `must be ${DRAFT}, or be left out` }]);
}

/**
 * What is allowed here, beyond what the meta-schema asks of a schema: whatever is checked against it takes a bounded time, and
 * nothing is fetched from elsewhere.
 * @param schema valid by the meta-schema.
 * @returns its places, and its patterns by their text.
 * @throws InvalidInputError naming every place that is wrong.
 */
export function checkRules(
  schema: unknown,
  path: Path,
  budget: CheckingBudget,
): { places: readonly SchemaPlace[]; patterns: ReadonlyMap<string, SchemaPattern> } {
  const places = schemaPlaces(schema);
  const targets = targetsIn(places);
  const patterns = new Map<string, SchemaPattern>();
  const problems: FieldProblem[] = [];
  for (const place of places) {
    problems.push(...wrongReferences(place, targets), ...wrongPatterns(place, patterns, budget));
    if ("$async" in place.schema)
      problems.push({ path: [...place.path, "$async"], detail: "is not supported" });
  }
  const references = places.filter((place) => "$ref" in place.schema).length;
  if (places.length > MOST_SCHEMAS)
    problems.push({
      path: [],
      detail: `holds ${places.length} schemas, more than the ${MOST_SCHEMAS} allowed`,
    });
  if (references > MOST_REFERENCES)
    problems.push({
      path: [],
      detail: `holds ${references} references ($ref), more than the ${MOST_REFERENCES} allowed`,
    });
  if (problems.length > 0)
    throw new InvalidInputError(problems.map((each) => ({ ...each, path: [...path, ...each.path] })));
  return { places, patterns };
}

function pathTooDeep(value: unknown, path: Path, depth: number): Path | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > DEEPEST) return path;
  for (const [name, each] of Object.entries(value)) {
    const found = pathTooDeep(each, [...path, name], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a reference may name: each schema by its place, and by its anchor. */
function targetsIn(places: readonly SchemaPlace[]): ReadonlySet<string> {
  return new Set(
    places.flatMap(({ path, schema }) => [
      `#${path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")}`,
      ...[schema.$anchor, schema.$dynamicAnchor].flatMap((anchor) =>
        anchor === undefined ? [] : [`#${anchor}`],
      ),
    ]),
  );
}

function wrongReferences({ path, schema }: SchemaPlace, targets: ReadonlySet<string>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const refuse = (keyword: string, detail: string) => problems.push({ path: [...path, keyword], detail });
  if ("$ref" in schema) {
    const target = decoded(String(schema.$ref));
    if (!target.startsWith("#"))
      refuse("$ref", "must begin with #: a schema refers to nothing outside itself");
    else if (!targets.has(target)) refuse("$ref", "names no schema in here");
  }
  if ("$dynamicRef" in schema) refuse("$dynamicRef", "is not supported; use $ref");
  if ("$id" in schema && path.length > 0) refuse("$id", "may only stand at the root");
  return problems;
}

/** RFC 6901, §6. */
function decoded(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}

function wrongPatterns(
  { path, schema }: SchemaPlace,
  patterns: Map<string, SchemaPattern>,
  budget: CheckingBudget,
): FieldProblem[] {
  const written: [Path, string][] = isObject(schema.patternProperties)
    ? Object.keys(schema.patternProperties).map((source) => [[...path, "patternProperties", source], source])
    : [];
  if (typeof schema.pattern === "string") written.push([[...path, "pattern"], schema.pattern]);
  return written.flatMap(([at, source]) => {
    const detail = addPattern(source, patterns, budget);
    return detail === undefined ? [] : [{ path: at, detail }];
  });
}

/** @returns what is wrong with it. */
function addPattern(
  source: string,
  patterns: Map<string, SchemaPattern>,
  budget: CheckingBudget,
): string | undefined {
  if (patterns.has(source)) return undefined;
  const used = patterns.values().reduce((sum, { size }) => sum + size, 0);
  if (used > LARGEST_PATTERNS)
    return `is too much: all patterns together may have a size of ${LARGEST_PATTERNS}`;
  try {
    patterns.set(source, new SchemaPattern(source, budget));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
