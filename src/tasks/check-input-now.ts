import { ConfigurationError } from "../core/errors.ts";
import { checkedValue } from "./check-input.ts";
import type { TaskDefinition } from "./task-definition.ts";

/**
 * Checks an input against a task's schema synchronously.
 * @throws InvalidInputError naming the fields that do not fit.
 * @throws ConfigurationError when the schema answers with a promise.
 */
export function checkInputNow({ name, schema }: TaskDefinition, input: unknown): unknown {
  if (!schema) return input;
  const result = schema["~standard"].validate(input);
  if ("then" in result) {
    result.catch(() => {}); // nobody will look at it
    throw new ConfigurationError(
      `task ${name} checks its input asynchronously, but a best-effort task is added synchronously; enqueue it, or give it a synchronous schema`,
    );
  }
  return checkedValue(result);
}
