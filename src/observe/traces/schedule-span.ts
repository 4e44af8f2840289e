import { ROOT_CONTEXT, SpanStatusCode } from "@opentelemetry/api";
import { messageOf } from "../../core/errors.ts";
import { metaOf } from "../../core/trace-parent.ts";
import { ATTRIBUTES } from "./names.ts";
import { traceParentOf, tracerNow } from "./tracer.ts";

/**
 * `schedule {name}`: a schedule fires; its jobs keep this place in a trace.
 * @param fire gets what its jobs keep; undefined where nobody traces.
 */
export async function scheduleSpan<Fired>(
  schedule: string,
  fire: (meta: string | undefined) => Promise<Fired>,
): Promise<Fired> {
  const tracer = tracerNow();
  if (!tracer) return fire(undefined);
  const attributes = { [ATTRIBUTES.schedule]: schedule };
  const span = tracer.startSpan(`schedule ${schedule}`, { attributes }, ROOT_CONTEXT);
  const parent = traceParentOf(span.spanContext());
  try {
    return await fire(parent && metaOf(parent));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    throw error;
  } finally {
    span.end();
  }
}
