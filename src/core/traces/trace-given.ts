import { refuseUnknown, wrong } from "../options.ts";
import { metaOf, readTraceParent, type TraceParent } from "./trace-parent.ts";

/** A caller's `trace`, as it is kept with a job. @throws InvalidInputError, path `["trace"]`. */
export function metaGiven(trace: TraceParent): string {
  refuseUnknown(trace, ["traceparent", "tracestate"] satisfies (keyof TraceParent)[], ["trace"]);
  const { traceparent, tracestate } = trace;
  if (typeof traceparent !== "string" || (tracestate !== undefined && typeof tracestate !== "string"))
    throw wrong(["trace"], "must hold traceparent, and may hold tracestate, as strings");
  const read = readTraceParent(traceparent, tracestate);
  if (!read)
    throw wrong(
      ["trace", "traceparent"],
      "must be one of W3C Trace Context, such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    );
  return metaOf(read);
}
