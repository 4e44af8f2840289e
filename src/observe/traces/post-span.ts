import {
  type Context,
  context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { TraceParent } from "../../core/traces/trace-parent.ts";
import { ATTRIBUTES } from "./names.ts";
import { traceParentOf, tracerNow } from "./tracer.ts";

/**
 * As OpenTelemetry's SDK calls it. Instrumentation of undici would make a second span of the request, and send its ids to receivers
 * whether or not they were to get any.
 */
const SUPPRESSED = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
const METHOD = "POST";

/** What came of a request. */
export type PostResult =
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: "broken"; readonly error: string; readonly class: string };

/** `POST`: a request to a receiver, as the conventions for HTTP clients have it. */
export class PostSpan {
  /** Undefined for one that belongs to no trace. */
  readonly parent: TraceParent | undefined;
  readonly #span: Span;
  readonly #context: Context;

  private constructor(span: Span, parent: Context) {
    this.#span = span;
    this.#context = parent.setValue(SUPPRESSED, true);
    this.parent = traceParentOf(span.spanContext());
  }

  /** @param parent the context of its attempt. */
  static begin(url: string, parent: Context): PostSpan | undefined {
    const target = URL.parse(url);
    const tracer = tracerNow();
    if (!target || !tracer) return undefined;
    const span = tracer.startSpan(METHOD, { kind: SpanKind.CLIENT }, parent);
    if (span.isRecording())
      span.setAttributes({
        [ATTRIBUTES.method]: METHOD,
        [ATTRIBUTES.serverAddress]: target.hostname.replace(/^\[|\]$/g, ""),
        [ATTRIBUTES.serverPort]: Number(target.port || (target.protocol === "https:" ? 443 : 80)),
        [ATTRIBUTES.scheme]: target.protocol.slice(0, -1),
        [ATTRIBUTES.url]: target.origin + target.pathname,
      });
    return new PostSpan(span, trace.setSpan(parent, span));
  }

  /** Ends with what comes of it. */
  async of<Result extends PostResult>(send: () => Promise<Result>): Promise<Result> {
    const result = await context.with(this.#context, send);
    const span = this.#span;
    if (result.kind === "answered") {
      span.setAttribute(ATTRIBUTES.status, result.status);
      if (result.status >= 400) span.setAttribute(ATTRIBUTES.errorType, `${result.status}`);
    } else span.setAttribute(ATTRIBUTES.errorType, result.class);
    if (result.kind === "broken" || result.status >= 400)
      span.setStatus({
        code: SpanStatusCode.ERROR,
        ...(result.kind === "broken" && { message: result.error }),
      });
    span.end();
    return result;
  }
}
