import type { FieldProblem } from "../../core/errors.ts";
import { collectProblems, instantOf } from "../../core/options.ts";
import { badQuery } from "./request-error.ts";

/**
 * A moment that a query gives. `Date` would take more than RFC 3339, such as `2030` and `03/04/2030`.
 * @throws RequestError 422 that names the parameter, where the library has another name for it.
 */
export function momentGiven(parameter: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const problems: FieldProblem[] = [];
  const ms = collectProblems(problems, () => instantOf(text, [parameter]));
  if (ms === undefined) throw badQuery(problems.map(({ detail }) => ({ parameter, detail })));
  return new Date(ms);
}
