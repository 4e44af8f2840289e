import { ROOT_CONTEXT, SpanStatusCode } from "@opentelemetry/api";
import { messageOf } from "../../core/errors.ts";
import { metaOf } from "../../core/traces/trace-parent.ts";
import { ATTRIBUTES } from "./names.ts";
import { traceParentOf, tracerNow } from "./tracer.ts";

/**
 * `schedule {name}`: a schedule fires; its jobs keep this place in a trace.
 * @param fire gets what its jobs keep, undefined where nobody traces; how many it made, undefined when another process was first, which
 *   tells of it.
 */
export async function scheduleSpan(
  schedule: string,
  fire: (meta: string | undefined) => Promise<number | undefined>,
): Promise<number | undefined> {
  const tracer = tracerNow();
  if (!tracer) return fire(undefined);
  const attributes = { [ATTRIBUTES.schedule]: schedule };
  const span = tracer.startSpan(`schedule ${schedule}`, { attributes }, ROOT_CONTEXT);
  const parent = traceParentOf(span.spanContext());
  try {
    const made = await fire(parent && metaOf(parent));
    if (made !== undefined) span.end(); // a span that does not end is not exported
    return made;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    span.end();
    throw error;
  }
}
