import { InvalidInputError } from "../../core/errors.ts";
import type { EnqueueOptions } from "../../tasks/enqueue-options.ts";
import type { EnqueueOptionsBody } from "../schemas/task.ts";
import { durationGiven } from "../schemas/times.ts";
import { badBody, fieldNamed, type RequestError } from "./request-error.ts";

/** The options of a body in the library's form; the library checks their values. */
export function enqueueOptionsOf(body: EnqueueOptionsBody = {}): EnqueueOptions {
  const { delay, run_at, max_attempts, timeout, priority, key, unique, lane, tags, copy_of, retention } =
    body;
  return {
    ...(delay !== undefined && { delay: durationGiven(delay) }),
    ...(run_at !== undefined && { runAt: run_at }),
    ...(max_attempts !== undefined && { retry: { attempts: max_attempts } }),
    ...(timeout !== undefined && { timeout: durationGiven(timeout) }),
    ...(priority !== undefined && { priority }),
    ...(key !== undefined && { key }),
    ...(unique !== undefined && { unique }),
    ...(lane !== undefined && { lane }),
    ...(tags !== undefined && { tags }),
    ...(copy_of !== undefined && { copyOf: copy_of }),
    ...(retention !== undefined && { retention: durationGiven(retention) }),
  };
}

/** Turns what is wrong with a task's job into what is wrong with the body. */
export function inBody(error: unknown): RequestError | undefined {
  if (!(error instanceof InvalidInputError)) return undefined;
  return badBody(
    error.problems.map(({ path, detail, of }) => ({
      path: of === "input" ? ["input", ...path] : ["options", ...path.map(fieldNamed)],
      detail,
    })),
  );
}
