import {
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type SpanContext,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import type { TraceParent } from "../../core/traces/trace-parent.ts";
import { SCHEMA_URL, SCOPE } from "./names.ts";

const NONE = new ProxyTracerProvider().getDelegate();

let known: { readonly provider: TracerProvider; readonly tracer: Tracer } | undefined;

/** Undefined while the program has set no provider of traces: then nothing more is done about them. It may set one at any time. */
export function tracerNow(): Tracer | undefined {
  const given = trace.getTracerProvider();
  const provider = given instanceof ProxyTracerProvider ? given.getDelegate() : given;
  if (provider === NONE) return undefined;
  if (known?.provider !== provider)
    known = { provider, tracer: provider.getTracer(SCOPE, undefined, { schemaUrl: SCHEMA_URL }) };
  return known.tracer;
}

/** Whether the code that asks runs within a span already. */
export function isWithinSpan(): boolean {
  return tracerNow() !== undefined && trace.getSpanContext(context.active()) !== undefined;
}

/** What is begun there belongs to that trace; without one, to the span that is active. */
export function contextOf(parent: TraceParent | undefined): Context {
  const remote = parent && spanContextOf(parent);
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : context.active();
}

export function spanContextOf({ traceparent, tracestate }: TraceParent): SpanContext {
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
  return {
    ...{ traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true },
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
}

/** Undefined for a span that is of no trace. */
export function traceParentOf(span: SpanContext): TraceParent | undefined {
  if (!isSpanContextValid(span)) return undefined;
  const flags = span.traceFlags.toString(16).padStart(2, "0");
  const state = span.traceState?.serialize();
  return { traceparent: `00-${span.traceId}-${span.spanId}-${flags}`, ...(state && { tracestate: state }) };
}
