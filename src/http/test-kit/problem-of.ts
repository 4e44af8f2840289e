import assert from "node:assert/strict";
import { problemSchema } from "../schemas/problem.ts";

/** The problem in an answer, once it is shown to be one with this status. */
export async function problemOf(answer: Response, status: number) {
  assert.equal(answer.status, status);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const problem = problemSchema.parse(await answer.json());
  assert.equal(problem.status, status);
  return problem;
}

/** Where the problem says the mistakes are, in order. */
export async function pointersOf(answer: Response, status = 422): Promise<string[]> {
  const { errors = [] } = await problemOf(answer, status);
  return errors.map((error) => Object.values(error)[0] ?? "");
}
