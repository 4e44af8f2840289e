import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";

/** What `read` gives; when it finds its input invalid, undefined, and its problems are added to the others. */
export function collectProblems<T>(problems: FieldProblem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
