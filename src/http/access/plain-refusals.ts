import { InvalidInputError } from "../../core/errors.ts";
import type { Caller } from "./permission.ts";

/** What customers are told about a refused target: neither what its name resolves to, nor how the server is set up. */
export const NOT_ALLOWED = "is not an address that deliveries may be sent to";

/** An error as portal sessions may see it; other callers see it in full. */
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

/** Why something failed, as portal sessions may see it. */
export function plainError({ capabilities }: Caller, error: string | null): string | null {
  return capabilities !== undefined && error !== null && isOfTheGuard(error)
    ? `the endpoint ${NOT_ALLOWED}`
    : error;
}

/** Only the guard's own messages name its option. */
function isOfTheGuard(detail: string): boolean {
  return detail.includes("--allow-targets");
}
