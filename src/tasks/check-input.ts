import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type FieldProblem, InvalidInputError } from "../core/errors.ts";

/** No message to a caller is longer than this many problems. */
const MOST_PROBLEMS = 20;

/**
 * An input as its schema gives it, checked and converted.
 * @param schema any Standard Schema (https://standardschema.dev), version 1; none takes everything.
 * @throws InvalidInputError naming every field that does not fit.
 */
export async function checkInput(schema: StandardSchemaV1 | undefined, given: unknown): Promise<unknown> {
  if (!schema) return given;
  const checking = schema["~standard"].validate(given);
  return checkedValue("then" in checking ? await checking : checking);
}

/** @throws InvalidInputError naming every field that does not fit. */
export function checkedValue(checked: StandardSchemaV1.Result<unknown>): unknown {
  if (!checked.issues) return checked.value;
  throw new InvalidInputError(checked.issues.slice(0, MOST_PROBLEMS).map(toProblem));
}

function toProblem({ path = [], message }: StandardSchemaV1.Issue): FieldProblem {
  return {
    of: "input",
    path: path.map((step) => {
      const key = typeof step === "object" ? step.key : step;
      return typeof key === "number" ? key : String(key);
    }),
    detail: message,
  };
}
