import type { ErrorObject } from "ajv/dist/2020.js";
import type { FieldProblem } from "../../core/errors.ts";

type Path = FieldProblem["path"];

/** An answer should not be larger than what it refuses. */
const MOST_TOLD = 10;
const LONGEST_POINTER = 1_000;
const LONGEST_DETAIL = 300;

/** The first ten that say different things. */
export function problemsOf(errors: readonly ErrorObject[], path: Path): FieldProblem[] {
  const problems = new Map<string, FieldProblem>();
  for (const error of errors) {
    const problem = problemOf(error, path);
    problems.set(`${problem.path.join("/")} ${problem.detail}`, problem);
    if (problems.size === MOST_TOLD) break;
  }
  return [...problems.values()];
}

function problemOf(error: ErrorObject, path: Path): FieldProblem {
  const steps = error.instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const { member, detail } = told(error);
  return {
    path: shortened([...path, ...steps, ...(member === undefined ? [] : [member])]),
    detail: detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL)}…` : detail,
  };
}

/** Where a member itself is wrong, it is what is named, rather than the object around it. */
function told({ keyword, params, message = "does not match the schema" }: ErrorObject): {
  member?: string;
  detail: string;
} {
  switch (keyword) {
    case "required":
    case "dependentRequired":
      return { member: String(params.missingProperty), detail: "is required" };
    case "additionalProperties":
      return { member: String(params.additionalProperty), detail: "is not allowed by the schema" };
    case "unevaluatedProperties":
      return { member: String(params.unevaluatedProperty), detail: "is not allowed by the schema" };
    case "enum":
      return { detail: `must be one of ${JSON.stringify(params.allowedValues)}` };
    case "const":
      return { detail: `must be ${JSON.stringify(params.allowedValue)}` };
    case "false schema":
      return { detail: "is not allowed by the schema" };
    default:
      return { detail: message };
  }
}

/** A payload may have names as long as itself; then the place around is told. */
function shortened(path: Path): Path {
  let length = 0;
  const end = path.findIndex((step) => {
    length += String(step).length + 1;
    return length > LONGEST_POINTER;
  });
  return end === -1 ? path : path.slice(0, end);
}
