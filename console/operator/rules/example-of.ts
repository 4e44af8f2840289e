type Schema = Readonly<Record<string, unknown>>;

/** Deeper than anybody reads; a schema may refer to itself. */
const DEEPEST = 6;

/** A value that a JSON Schema describes, to begin with: what it gives as an example or default, or something of its type. */
export function exampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== "object" || schema === null || depth > DEEPEST) return null;
  const {
    examples,
    default: given,
    const: only,
    enum: among,
    anyOf,
    oneOf,
    properties,
    items,
  } = schema as Schema;
  const [first] = [examples, given === undefined ? [] : [given], only === undefined ? [] : [only], among]
    .filter((list) => Array.isArray(list))
    .flat();
  if (first !== undefined) return first;
  const [alternative] = [anyOf, oneOf].filter((list) => Array.isArray(list)).flat();
  if (alternative !== undefined) return exampleOf(alternative, depth + 1);
  switch (typeOf(schema as Schema)) {
    case "object":
      return Object.fromEntries(
        Object.entries((properties ?? {}) as Schema).map(([name, of]) => [name, exampleOf(of, depth + 1)]),
      );
    case "array":
      return items === undefined ? [] : [exampleOf(items, depth + 1)];
    case "string":
      return "";
    case "number":
    case "integer":
      return (schema as { readonly minimum?: number }).minimum ?? 0;
    case "boolean":
      return false;
    default:
      return null;
  }
}

function typeOf({ type, properties }: Schema): unknown {
  if (type === undefined && properties !== undefined) return "object";
  return Array.isArray(type) ? type[0] : type;
}
