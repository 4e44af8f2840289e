import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigurationError } from "../core/errors.ts";
import type { Jsonified } from "../core/json/jsonified.ts";
import { checkTaskOptions } from "./check-task-options.ts";
import { TaskDefinition, type TaskOptions } from "./task-definition.ts";

/**
 * Defines a task.
 * @param name letters, digits, `.`, `_` and `-`, at most 100; `webhook.` is Posthorn's own. Jobs are stored under it: keep it.
 * @throws ConfigurationError when an option is wrong.
 * @example
 * export const sendReceipt = task("send-receipt", {
 *   input: z.object({ orderId: z.string() }),
 *   retry: { attempts: 5 },
 *   timeout: "30s",
 *   async run({ orderId }, { signal }) { await mailer.send(orderId, { signal }); },
 * });
 */
export function task<Schema extends StandardSchemaV1, Result = unknown>(
  name: string,
  options: { readonly input: Schema } & TaskOptions<StandardSchemaV1.InferOutput<Schema>, Result>,
): TaskDefinition<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, Result>;
export function task<Given = unknown, Result = unknown>(
  name: string,
  options?: TaskOptions<Jsonified<Given>, Result>,
): TaskDefinition<Given, Jsonified<Given>, Result>;
export function task(
  name: string,
  options: { readonly input?: StandardSchemaV1 } & TaskOptions<unknown, unknown> = {},
): TaskDefinition {
  refuseOtherThings(name, options);
  const { input, ...rest } = options;
  return new TaskDefinition(name, input, rest, checkTaskOptions(name, rest));
}

/**
 * A handler passed instead of the options would leave a task without a handler; a schema of another kind would fail at the first job.
 * @throws ConfigurationError
 */
function refuseOtherThings(name: string, options: { readonly input?: StandardSchemaV1 }): void {
  const isObject = typeof options === "object" && options !== null; // a caller without types may pass anything
  if (!isObject)
    throw new ConfigurationError(
      `task ${name}: its options must be an object; a handler is its member run: task(${JSON.stringify(name)}, { run })`,
    );
  const { input } = options;
  if (input !== undefined && typeof input?.["~standard"]?.validate !== "function")
    throw new ConfigurationError(
      `task ${name}: input must be a Standard Schema (https://standardschema.dev), such as z.object({ … })`,
    );
}
