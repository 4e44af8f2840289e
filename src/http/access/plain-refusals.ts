import { InvalidInputError } from "../../core/errors.ts";
import type { Caller } from "./permission.ts";

/** All that a customer is told of a target that may not be delivered to: neither what a name resolves to, nor how the server is set up. */
export const NOT_ALLOWED = "is not an address that may be delivered to";

/** What goes wrong, as a session of the portal may be told it; all others are told the whole. */
export async function toldPlainly<Value>({ capabilities }: Caller, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (capabilities === undefined || !(error instanceof InvalidInputError)) throw error;
    const problems = error.problems.map((problem) =>
      isOfTheGuard(problem.detail) ? { ...problem, detail: NOT_ALLOWED } : problem,
    );
    throw new InvalidInputError(problems);
  }
}

/** Why a job failed, as a session of the portal may be told it. */
export function plainError({ capabilities }: Caller, error: string | null): string | null {
  return capabilities !== undefined && error !== null && isOfTheGuard(error)
    ? `the endpoint ${NOT_ALLOWED}`
    : error;
}

/** The guard's sentences alone name its option. */
function isOfTheGuard(detail: string): boolean {
  return detail.includes("--allow-targets");
}
