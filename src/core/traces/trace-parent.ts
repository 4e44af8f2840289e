import type { Origin } from "../origin.ts";
import { readable } from "../readable.ts";

/** A place in a distributed trace, as in the headers of W3C Trace Context. */
export interface TraceParent {
  /** `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01` */
  readonly traceparent: string;
  /** What tracing systems add to it, as in the header `tracestate`. */
  readonly tracestate?: string;
}

/** The most that is kept of a trace state, so that job rows stay small. */
const MOST_BYTES = 512;
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const TRACESTATE = /^[\x20-\x7e]+$/;

/** Undefined for what is invalid, which the standard has us ignore: the work goes on without a trace. */
export function readTraceParent(
  traceparent: string,
  tracestate: string | null = null,
): TraceParent | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (version === undefined || (version === "00" && more !== undefined)) return undefined;
  // what later versions of the standard add is left out, as it says
  const parent = { traceparent: `00-${traceId}-${spanId}-${flags}` };
  return tracestate !== null && TRACESTATE.test(tracestate) ? { ...parent, tracestate } : parent;
}

/** A trace as it is kept with a job. If the state is too long, its first entries are kept, which are the most recent. */
export function metaOf({ traceparent, tracestate = "" }: TraceParent): string {
  const members = tracestate.split(",");
  for (; members.length > 0; members.pop()) {
    const state = members.join(",").trim();
    const meta = JSON.stringify({ traceparent, ...(state && { tracestate: state }) });
    if (meta.length <= MOST_BYTES) return meta;
  }
  return JSON.stringify({ traceparent });
}

/** What was kept with a job. */
export function traceOf(origin: Origin | undefined): TraceParent | undefined {
  return origin?.meta === undefined ? undefined : (readable(origin.meta, readMeta) ?? undefined);
}

/** The id of the trace: 32 hexadecimal digits. */
export function traceIdOf(trace: TraceParent | undefined): string | undefined {
  return trace?.traceparent.slice(3, 35);
}

function readMeta(text: string): TraceParent | undefined {
  const { traceparent, tracestate } = JSON.parse(text) as Partial<TraceParent>; // only metaOf writes it
  return traceparent === undefined ? undefined : readTraceParent(traceparent, tracestate);
}
