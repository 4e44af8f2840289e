import type { Context } from "hono";
import { readTraceParent, type TraceParent } from "../../core/traces/trace-parent.ts";
import { isWithinSpan } from "../../observe/traces/tracer.ts";
import type { Parameter } from "../route.ts";
import { headerOf } from "./incoming.ts";

/** Of routes that make jobs. */
export const traceParameter: Parameter = {
  name: "traceparent",
  in: "header",
  description:
    "W3C Trace Context, with tracestate: kept with the jobs, and passed to their handlers. An invalid one is ignored, as the standard requires.",
  example: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

/** Where the caller says that it is; undefined where instrumentation of the server has read that already, and made a span of its own. */
export function traceOf(c: Context): TraceParent | undefined {
  const traceparent = headerOf(c, "traceparent");
  if (traceparent === null || isWithinSpan()) return undefined;
  return readTraceParent(traceparent, headerOf(c, "tracestate"));
}
