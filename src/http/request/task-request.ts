import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import type { EnqueueOptions } from "../../tasks/enqueue-options.ts";
import { TaskDefinition } from "../../tasks/task-definition.ts";
import { readInstant } from "../../webhooks/accept/instant.ts";
import type { EnqueueOptionsBody } from "../schemas/task.ts";
import { milliseconds } from "../schemas/times.ts";
import { badBody, type RequestError } from "./request-error.ts";

/**
 * The options of a body as the library takes them.
 * @throws RequestError 422 when its moment is none, or given beside a delay.
 */
export function enqueueOptionsOf(body: EnqueueOptionsBody = {}): EnqueueOptions {
  const { delay, run_at, max_attempts, timeout, priority, key, lane, retention } = body;
  const problems: FieldProblem[] = [];
  const runAt = run_at === undefined ? undefined : readInstant(run_at, ["options", "run_at"], problems);
  if (run_at !== undefined && delay !== undefined)
    problems.push({ path: ["options", "delay"], detail: "cannot be given together with run_at" });
  if (problems.length > 0) throw badBody(problems);
  return {
    ...(delay !== undefined && { delay: milliseconds(delay) }),
    ...(runAt !== undefined && { runAt: new Date(runAt) }),
    ...(max_attempts !== undefined && { retry: { attempts: max_attempts } }),
    ...(timeout !== undefined && { timeout: milliseconds(timeout) }),
    ...(priority !== undefined && { priority }),
    ...(key !== undefined && { key }),
    ...(lane !== undefined && { lane }),
    ...(retention !== undefined && { retention: milliseconds(retention) }),
  };
}

const INPUT = "input";

/** The same task, whose schema says of every problem that it is one of the input: an option may have a field's name. */
export function tellingInput(task: TaskDefinition): TaskDefinition {
  const { name, schema, options, checked } = task;
  if (!schema) return task;
  const { "~standard": standard } = schema;
  const below = (result: StandardSchemaV1.Result<unknown>) =>
    result.issues
      ? { issues: result.issues.map((issue) => ({ ...issue, path: [INPUT, ...(issue.path ?? [])] })) }
      : result;
  const telling: StandardSchemaV1 = {
    "~standard": {
      version: 1,
      vendor: standard.vendor,
      validate(value) {
        const result = standard.validate(value);
        return result instanceof Promise ? result.then(below) : below(result);
      },
    },
  };
  return new TaskDefinition(name, telling, options, checked);
}

/** What is wrong with a body, from what is wrong with a job of a task that tells its input's problems. */
export function inBody(error: unknown): RequestError | undefined {
  if (!(error instanceof InvalidInputError)) return undefined;
  return badBody(
    error.problems.map(({ path, detail }) => ({
      path: path[0] === INPUT ? path : ["options", ...path.map(inSnakeCase)],
      detail,
    })),
  );
}

function inSnakeCase(step: string | number): string | number {
  return typeof step === "number" ? step : step.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
