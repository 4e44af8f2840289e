import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigurationError, type FieldProblem, InvalidInputError } from "../core/errors.ts";
import type { TaskDefinition } from "./task-definition.ts";

/**
 * What a task's schema makes of an input, where nobody can wait for it.
 * @throws InvalidInputError naming the fields that do not fit.
 * @throws ConfigurationError when the schema answers with a promise.
 */
export function checkInputNow({ name, schema }: TaskDefinition, input: unknown): unknown {
  if (!schema) return input;
  const result = schema["~standard"].validate(input);
  if (result instanceof Promise) {
    result.catch(() => {}); // nobody will look at it
    throw new ConfigurationError(
      `task ${name} checks its input asynchronously, and adding a best-effort task waits for nothing; enqueue it, or make its schema synchronous`,
    );
  }
  if (result.issues) throw new InvalidInputError(result.issues.map(problemOf));
  return result.value;
}

function problemOf({ path = [], message }: StandardSchemaV1.Issue): FieldProblem {
  return { path: path.map(stepOf), detail: message };
}

function stepOf(step: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof step === "object" ? step.key : step;
  return typeof key === "number" ? key : String(key);
}
