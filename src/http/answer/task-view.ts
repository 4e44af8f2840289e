import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import type { TaskDefinition } from "../../tasks/task-definition.ts";
import type { TaskAnswer } from "../schemas/task.ts";

/** A task as the API shows it. */
export function taskView({ name, checked, schema }: TaskDefinition): TaskAnswer {
  const { maxAttempts, retry, timeoutMs, delayMs, priority, laneLimits, retainMs } = checked;
  return {
    name,
    options: {
      max_attempts: maxAttempts,
      retry_delays_ms: retry.delaysMs.slice(0, Math.max(1, maxAttempts - 1)), // more are never needed
      retry_jitter: retry.jitter,
      timeout_ms: timeoutMs,
      delay_ms: delayMs,
      priority,
      lane_concurrency: laneLimits?.concurrency ?? null,
      lane_rate: laneLimits?.rate ? { limit: laneLimits.rate.limit, per_ms: laneLimits.rate.perMs } : null,
      retention_ms: retainMs ?? null,
    },
    input_schema: inputSchemaOf(schema),
  };
}

/** Of libraries that speak Standard JSON Schema (https://standardschema.dev/json-schema); it may refuse what JSON Schema cannot say. */
function inputSchemaOf(schema: TaskDefinition["schema"]): Record<string, unknown> | null {
  const { jsonSchema }: Partial<StandardJSONSchemaV1.Props> = schema?.["~standard"] ?? {};
  try {
    return jsonSchema?.input({ target: "draft-2020-12" }) ?? null;
  } catch {
    return null;
  }
}
